import { GantryError } from '#base/error.ts';
import type { LayerCompression } from '#image/snapshot/port.ts';

/** How layers leave, where a client says so. */
export interface Compression {
  readonly kind: LayerCompression;
  /** Also those that are compressed already, in another way. */
  readonly isForced: boolean;
}

const KINDS: Readonly<Record<string, LayerCompression>> = { gzip: 'gzip', zstd: 'zstd', uncompressed: 'none' };

/** `compression` and `force-compression` of an exporter or a cache (BuildKit exporter/containerimage/opts.go). The level is the engine's choice, and one that is asked for is refused. Throws `unimplemented`. */
export function readCompression(attributes: ReadonlyMap<string, string>): Compression | undefined {
  if ((attributes.get('compression-level') ?? '') !== '') throw new GantryError('unimplemented', 'compression-level is not supported: layers are compressed at a level of the engine. Leave it out');
  const text = attributes.get('compression') ?? '';
  if (text === '') return undefined;
  const kind = Object.hasOwn(KINDS, text) ? KINDS[text] : undefined;
  if (kind === undefined) throw new GantryError('unimplemented', `the compression ${text} of layers is not supported: gzip, zstd and uncompressed are`);
  return { kind, isForced: ['true', '1', 't'].includes((attributes.get('force-compression') ?? '').toLowerCase()) };
}
