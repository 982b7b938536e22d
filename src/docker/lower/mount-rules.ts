import type { MountRequest } from '../wire/mount.ts';
import { cleanPath } from './clean-path.ts';
import { invalid } from './invalid.ts';
import type { Propagation } from '#container/model/mount.ts';

export const PROPAGATIONS: readonly Propagation[] = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];

export function isPropagation(text: string): text is Propagation {
  return (PROPAGATIONS as readonly string[]).includes(text);
}

/** @returns what is wrong with the target, in Docker's words */
function targetFault(target: string): string | undefined {
  if (target.startsWith('/') ? cleanPath(target) === '/' : cleanPath(`/${target}`) === '/') return "invalid specification: destination can't be '/'";
  return target.startsWith('/') ? undefined : `invalid mount path: '${target}' mount path must be absolute`;
}

export function checkTarget(target: string): void {
  const fault = targetFault(target);
  if (fault !== undefined) throw invalid(fault);
}

/** A relative path that stays where it begins. */
function isLocal(path: string): boolean {
  if (path === '' || path.startsWith('/')) return false;
  let depth = 0;
  for (const part of path.split('/')) {
    depth += part === '..' ? -1 : part === '' || part === '.' ? 0 : 1;
    if (depth < 0) return false;
  }
  return true;
}

function bindFault(mount: MountRequest): string | undefined {
  const { Source = '', BindOptions, VolumeOptions, ImageOptions } = mount;
  if (Source === '') return 'field Source must not be empty';
  const propagation = BindOptions?.Propagation ?? '';
  if (propagation !== '' && !isPropagation(propagation)) return `invalid propagation mode: ${propagation}`;
  if (VolumeOptions) return 'field VolumeOptions must not be specified';
  if (ImageOptions) return 'field ImageOptions must not be specified';
  return Source.startsWith('/') ? undefined : `invalid mount path: '${Source}' mount path must be absolute`;
}

function volumeFault(mount: MountRequest): string | undefined {
  const { Source = '', BindOptions, ImageOptions, VolumeOptions, ReadOnly } = mount;
  if (BindOptions) return 'field BindOptions must not be specified';
  if (ImageOptions) return 'field ImageOptions must not be specified';
  const subpath = VolumeOptions?.Subpath ?? '';
  if (subpath !== '' && Source === '') return 'must not set Subpath when using anonymous volumes';
  if (subpath !== '' && !isLocal(subpath)) return 'subpath must be a relative path within the volume';
  return ReadOnly && Source === '' ? 'must not set ReadOnly mode when using anonymous volumes' : undefined;
}

function tmpfsFault(mount: MountRequest): string | undefined {
  const { Source = '', BindOptions, ImageOptions, TmpfsOptions } = mount;
  if (BindOptions) return 'field BindOptions must not be specified';
  if (ImageOptions) return 'field ImageOptions must not be specified';
  if (Source !== '') return 'field Source must not be specified';
  for (const option of TmpfsOptions?.Options ?? []) {
    const [name] = option ?? [];
    if (name === undefined || (option ?? []).length > 2) return 'invalid option array length';
    if (name !== 'exec' && name !== 'noexec') return `invalid option: ${name}`;
  }
  return undefined;
}

function imageFault(mount: MountRequest): string | undefined {
  const { Source = '', BindOptions, VolumeOptions, ImageOptions } = mount;
  if (Source === '') return 'field Source must not be empty';
  if (BindOptions) return 'field BindOptions must not be specified';
  if (VolumeOptions) return 'field VolumeOptions must not be specified';
  const subpath = ImageOptions?.Subpath ?? '';
  return subpath !== '' && !isLocal(subpath) ? 'subpath must be a relative path within the image' : undefined;
}

function kindFault(mount: MountRequest): string | undefined {
  switch (mount.Type ?? '') {
    case 'bind': return bindFault(mount);
    case 'volume': return volumeFault(mount);
    case 'tmpfs': return tmpfsFault(mount);
    case 'image': return imageFault(mount);
    default: return 'mount type unknown';
  }
}

/** Whether a bind's source is there is for the engine to say. */
export function checkMountRequest(mount: MountRequest): void {
  const target = mount.Target ?? '';
  const fault = target === '' ? 'field Target must not be empty' : targetFault(target) ?? kindFault(mount);
  if (fault !== undefined) throw invalid(`invalid mount config for type "${mount.Type ?? ''}": ${fault}`);
}
