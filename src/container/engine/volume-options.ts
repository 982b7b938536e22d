import { GantryError } from '#base/error.ts';
import type { Volume } from '#container/model/mount.ts';

const KNOWN = ['type', 'o', 'device'] as const;
const NEEDS: Readonly<Record<string, readonly string[]>> = { device: ['type'], type: ['device'], o: ['device', 'type'] };

/** Where a volume's files are, as its driver's options say. */
export type VolumeSource =
  /** A directory of the engine's own. */
  | { readonly kind: 'own' }
  /** A directory of the host. */
  | { readonly kind: 'bind'; readonly path: string; readonly readonly: boolean }
  /** A file system that is mounted for it. */
  | { readonly kind: 'mount'; readonly type: string; readonly device: string; readonly options: string };

/** @throws GantryError invalid, in the words of Docker's local driver */
export function checkVolumeOptions(name: string, options: Volume['options']): void {
  const given = Object.keys(options);
  for (const key of given) {
    if (!(KNOWN as readonly string[]).includes(key)) throw new GantryError('invalid', `create ${name}: invalid option: ${JSON.stringify(key)}`);
  }
  for (const key of given) {
    const missing = NEEDS[key]?.find((needed) => !Object.hasOwn(options, needed));
    if (missing !== undefined) throw new GantryError('invalid', `create ${name}: missing required option: ${JSON.stringify(missing)}`);
  }
}

export function sourceOf({ options }: Pick<Volume, 'options'>): VolumeSource {
  const { type, device, o = '' } = options;
  if (type === undefined || device === undefined) return { kind: 'own' };
  const words = o.split(',');
  if (words.includes('bind') || words.includes('rbind') || type === 'bind') return { kind: 'bind', path: device, readonly: words.includes('ro') };
  return { kind: 'mount', type, device, options: o };
}
