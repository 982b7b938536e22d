import type { TreeAction } from '#image/snapshot/tree-work.ts';

/** One layer of a result. */
export interface LayerRef {
  readonly diffId: string;
  readonly chain: string;
  /** Bytes of files, and of the tar. */
  readonly size: number;
  readonly tarSize: number;
  /** When it was made; absent for those that came with an image. */
  readonly createdNs?: string;
}

/** Lines of a source that a step comes from, for messages. */
export interface SourceLines {
  readonly start: number;
  readonly end: number;
}

interface Titled {
  /** As progress shows it. */
  readonly title: string;
  readonly lines?: SourceLines;
}

/** A directory of the client, or files that it uploads. */
export interface ContextOperation extends Titled {
  readonly kind: 'context';
  readonly session: string;
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly follow: readonly string[];
}

/** A directory of this host that the build holds already. */
export interface DirectoryOperation extends Titled {
  readonly kind: 'directory';
  readonly path: string;
}

export interface ImageOperation extends Titled {
  readonly kind: 'image';
  readonly layers: readonly LayerRef[];
  /** Under which name it was found, and what a registry calls it. */
  readonly source?: { readonly reference: string; readonly digest?: string };
}

/** A file from a server, named in a directory of its own. */
export interface UrlOperation extends Titled {
  readonly kind: 'url';
  readonly url: string;
  readonly fileName: string;
  readonly checksum: string | undefined;
}

export interface GitOperation extends Titled {
  readonly kind: 'git';
  readonly remote: string;
  readonly ref: string;
  readonly subdirectory: string;
  readonly checksum: string | undefined;
  readonly keepsGitDirectory: boolean;
  readonly submodules: boolean;
  /** Whose ssh agent and secrets the fetch may use. */
  readonly session: string;
}

/** What a tar or a Dockerfile in a stream of the client brings, as a directory. */
export interface FilesOperation extends Titled {
  readonly kind: 'files';
  /** The first input is what the layer goes on top of; without, the layer stands alone. */
  readonly hasBase: boolean;
  readonly actions: readonly TreeAction[];
  readonly epochSeconds?: number;
}

/** The base of the first input with the layers of the second above it (`COPY --link`). */
export interface StackOperation extends Titled {
  readonly kind: 'stack';
}

export type RunMount =
  /** `input` is the place among the inputs. What is written to it is forgotten. */
  | { readonly kind: 'bind'; readonly target: string; readonly input: number; readonly path: string; readonly readonly: boolean }
  | { readonly kind: 'cache'; readonly target: string; readonly id: string; readonly sharing: 'shared' | 'private' | 'locked'; readonly readonly: boolean; readonly input?: number; readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly sizeBytes: number }
  | { readonly kind: 'secret'; readonly target: string; readonly id: string; readonly env?: string; readonly isRequired: boolean; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly kind: 'ssh'; readonly target: string; readonly id: string; readonly isRequired: boolean; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly kind: 'script'; readonly target: string; readonly content: string };

export interface RunOperation extends Titled {
  readonly kind: 'run';
  /** Whose programs the command runs. */
  readonly architecture: string;
  readonly hasBase: boolean;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** Seen by the command, not part of what it is. */
  readonly proxyEnv: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly mounts: readonly RunMount[];
  readonly network: 'default' | 'none' | 'host';
  readonly isInsecure: boolean;
  readonly session: string;
  readonly machine: RunMachine;
}

/** What a whole build gives all its commands. */
export interface RunMachine {
  readonly hostname: string;
  readonly extraHosts: readonly string[];
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly shmSizeBytes?: number;
}

export type Operation = ContextOperation | DirectoryOperation | ImageOperation | UrlOperation | GitOperation | FilesOperation | StackOperation | RunOperation;
export type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

/** A source looks at the world each time that a build needs it. */
export function isSource({ kind }: Operation): boolean {
  return kind === 'context' || kind === 'directory' || kind === 'url' || kind === 'git';
}

/** All that a result depends on beside inputs: not how the step is called, who asked for it, or what secrets hold. */
export function identityOf(operation: Operation): string {
  switch (operation.kind) {
    case 'image': return JSON.stringify(['image', operation.layers.map(({ chain }) => chain)]);
    case 'files': return JSON.stringify(['files', operation.hasBase, operation.actions.map((action) => (action.kind === 'copy' ? { ...action, pattern: '' } : action)), operation.epochSeconds ?? null]);
    case 'stack': return JSON.stringify(['stack']);
    case 'run': {
      const { hasBase, args, env, workingDir, user, network, isInsecure, mounts, machine } = operation;
      return JSON.stringify(['run', hasBase, args, env, workingDir, user, network, isInsecure, mounts, machine.hostname]);
    }
    case 'context':
    case 'directory':
    case 'url':
    case 'git': return JSON.stringify([operation.kind, operation.title]);
  }
}
