import type { Lines } from '../dockerfile-error.ts';
import type { Mount } from '../instruction/mount.ts';

/** One thing to do in a stage. All names and paths are settled: nothing is left to expand. */
export type BuildStep = RunStep | CopyStep | MakeDirectoryStep;

interface StepBase {
  /** As progress shows it: `[build 2/5] RUN make`. */
  readonly title: string;
  readonly lines: Lines;
  readonly ignoresCache: boolean;
  /** Place in the history of `StageImage` of the entry that stands for this step. */
  readonly historyIndex: number;
}

export interface RunStep extends StepBase {
  readonly kind: 'run';
  /** Of the image that the command runs in. */
  readonly architecture: string;
  /** With the shell, where the shell form asks for it. */
  readonly args: readonly string[];
  /** ENV and ARG, in order. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** Proxy settings from build arguments: the command sees them, the cache key does not. */
  readonly proxyEnv: readonly (readonly [name: string, value: string])[];
  readonly workingDir: string;
  /** Empty: root. */
  readonly user: string;
  readonly mounts: readonly StepMount[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
  readonly devices: readonly { readonly name: string; readonly isRequired: boolean }[];
  /** A heredoc with an interpreter line: a file, mode 0755, which `args` call by its path. */
  readonly script: { readonly path: string; readonly content: string } | undefined;
}

export interface StepMount extends Omit<Mount, 'from' | 'target'> {
  /** Absolute. */
  readonly target: string;
  /** A stage, the build context, or nothing (cache, tmpfs, secret, ssh). */
  readonly from: StepSource | undefined;
}

export type StepSource = { readonly kind: 'stage'; readonly index: number } | { readonly kind: 'context' };

export interface CopyStep extends StepBase {
  readonly kind: 'copy';
  /** In the order in which they are copied; inline documents come last. */
  readonly sources: readonly CopySource[];
  /** Absolute; a slash or `/.` at the end means a directory. */
  readonly destination: string;
  readonly owner: string | undefined;
  readonly mode: CopyMode | undefined;
  readonly exclude: readonly string[];
  /** The files are a layer of their own, put on top of whatever was there. */
  readonly isLink: boolean;
}

/** Octal, or symbolic as chmod(1) takes it. */
export type CopyMode = { readonly kind: 'octal'; readonly mode: number } | { readonly kind: 'symbolic'; readonly text: string };

export type CopySource =
  | {
    readonly kind: 'files';
    readonly from: StepSource;
    /** Absolute below `from`, with wildcards of Go's filepath.Match. A directory means what is in it. */
    readonly pattern: string;
    /** --parents: `pattern` is the pivot, and this, relative to it, what to copy with its parents. */
    readonly parents: string | undefined;
    /** A local tar archive is unpacked. */
    readonly unpacks: boolean;
  }
  | { readonly kind: 'url'; readonly url: string; readonly fileName: string; readonly checksum: string | undefined; readonly unpacks: boolean }
  | {
    readonly kind: 'git';
    readonly remote: string;
    /** Branch, tag or commit; empty: the remote's own. */
    readonly ref: string;
    readonly subdirectory: string;
    readonly checksum: string | undefined;
    readonly keepsGitDirectory: boolean;
    readonly submodules: boolean;
  }
  /** A heredoc: a file of mode 0644. */
  | { readonly kind: 'inline'; readonly name: string; readonly content: string };

/** WORKDIR creates its directory with parents, mode 0755, owned by `user`. */
export interface MakeDirectoryStep extends StepBase {
  readonly kind: 'mkdir';
  readonly path: string;
  readonly user: string;
}
