import type { Propagation } from '#container/model/mount.ts';
import type { MountRequest } from '../wire/mount.ts';
import { invalid } from './invalid.ts';
import { checkMountRequest, isPropagation } from './mount-rules.ts';
import { GantryError } from '#base/error.ts';

export interface BindSpec {
  readonly type: 'bind' | 'volume';
  /** A path of the host, the name of a volume, or empty for a volume of its own. */
  readonly source: string;
  readonly target: string;
  /** The third part as it was written. */
  readonly mode: string;
  readonly readonly: boolean;
  readonly propagation: Propagation;
  readonly copyUp: boolean;
  /** Ours, not Docker's: the owner of the source is seen as the container's user. */
  readonly mapsOwner: boolean;
}

const GROUPS = [['rw', 'ro'], ['z', 'Z'], ['nocopy'], ['idmap'], ['consistent', 'cached', 'delegated']];

/** Each kind of word at most once. */
function isValidMode(mode: string): boolean {
  if (mode === '') return true;
  const kinds = mode.split(',').map((word) => (isPropagation(word) ? -2 : GROUPS.findIndex((group) => group.includes(word))));
  return !kinds.includes(-1) && new Set(kinds).size === kinds.length;
}

/** `/host:/target[:mode]`, `volume:/target[:mode]`, or `/target` for an anonymous volume. */
export function parseBind(text: string): BindSpec {
  const fault = (): GantryError => invalid(`invalid volume specification: '${text}'`);
  const parts = text.split(':');
  const [first = '', second, third = ''] = parts;
  if (first === '' || parts.length > 3 || (parts.length === 2 && isValidMode(second ?? ''))) throw fault();
  if (!isValidMode(third)) throw invalid(`invalid mode: ${third}`);
  const source = second === undefined ? '' : first;
  const target = second ?? first;
  const words = third.split(',');
  const type = source.startsWith('/') ? 'bind' : 'volume';
  const propagation = words.find(isPropagation);
  checkBind(text, { Type: type, Target: target, ...(source === '' ? {} : { Source: source }), ...(propagation && type === 'volume' ? { BindOptions: {} } : {}), ...(words.includes('nocopy') && type === 'bind' ? { VolumeOptions: {} } : {}) });
  return { type, source, target, mode: third, readonly: words.includes('ro'), propagation: propagation ?? 'rprivate', copyUp: !words.includes('nocopy'), mapsOwner: words.includes('idmap') };
}

function checkBind(text: string, mount: MountRequest): void {
  try {
    checkMountRequest(mount);
  } catch (thrown) {
    if (thrown instanceof GantryError) throw invalid(`invalid volume specification: '${text}': ${thrown.message}`);
    throw thrown;
  }
}

/** `container[:mode]`. */
export function parseVolumesFrom(text: string): { readonly container: string; readonly readonly: boolean } {
  if (text === '') throw invalid('volumes-from specification cannot be an empty string');
  const colon = text.indexOf(':');
  const mode = colon < 0 ? '' : text.slice(colon + 1);
  const words = mode.split(',');
  if (!isValidMode(mode) || words.some(isPropagation) || words.includes('nocopy')) throw invalid(`invalid mode: ${mode}`);
  return { container: colon < 0 ? text : text.slice(0, colon), readonly: words.includes('ro') };
}
