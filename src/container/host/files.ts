import type { FileView } from '#image/snapshot/files.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { Overlay } from './step.ts';

/** A directory or file of the host that a container at rest shows at a place of its own. One that is missing is left out. */
export interface FilesMount {
  readonly source: string;
  /** Below the source, with links followed inside of it. */
  readonly subpath?: string;
  readonly target: string;
  readonly readonly: boolean;
  readonly recursive: boolean;
}

export type FilesQuery =
  /** What the process sees: its root with volumes and memory file systems, less those of the kernel. */
  | { readonly kind: 'running'; readonly process: ProcessRef }
  /** A root file system that nobody has mounted. `mounts`: parents before children. The working directory is made where it is missing. */
  | { readonly kind: 'at-rest'; readonly overlay: Overlay; readonly mounts: readonly FilesMount[]; readonly workingDirectory: string; readonly readonly: boolean }
  /** A directory of the host, as the root of all that is seen. */
  | { readonly kind: 'directory'; readonly path: string }
  /** The written layer at `/upper` and those below it, merged, at `/lower`; the mounts of a container that runs are untouched. */
  | { readonly kind: 'layers'; readonly overlay: Overlay };

/** Held open until it is closed; who entered it by then goes on. */
export interface OpenFiles extends FileView {
  close(): void;
}
