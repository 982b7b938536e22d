import type { ChainId } from '#image/oci/chain-id.ts';
import type { SealedLayer, UnpackResult } from './port.ts';
import type { NamePart, PathRule } from './tree-selection.ts';

/** Files to read from: layers, lowest first, or a directory of this host. */
export type TreeSource =
  | { readonly kind: 'layers'; readonly chain: readonly ChainId[] }
  | {
    readonly kind: 'directory';
    readonly path: string;
    /** Files in it that may become those of a layer, by a further name: nobody changes one where it lies. */
    readonly gives?: readonly string[];
    readonly arriving?: Arrival;
  };

/** A file that is there, but not all of its content: what it will be. */
export interface ArrivingFile {
  /** Relative to the source. */
  readonly path: string;
  readonly size: number;
  /** Since the epoch. */
  readonly modifiedNs: bigint;
}

/** Files of a source whose content is still being written, each from its beginning. */
export interface Arrival {
  readonly files: readonly ArrivingFile[];
  /** All else is as it will be. Where it is not, nothing of the source may be looked at before it is whole. */
  readonly isAllElseThere: boolean;
  /**
   * Tells how many bytes of a file are there: now, and whenever it is more. `leaves`: memory is slower than the disk, so that nothing is gained where
   * it keeps what was read. Answers what ends it.
   */
  follow(told: (index: number, bytes: number, leaves: boolean) => void): () => void;
  /** Who reads a file from its beginning can tell the SHA-256 of its content, in hex: it is not taken twice. Rejected where it comes to nothing. */
  digest(index: number, sha256: Promise<string>): void;
  /** Rejected where they don't become what is said of them. */
  readonly whole: Promise<void>;
}

/** A tree below a directory of this name. */
export interface NamedTree {
  readonly name: string;
  readonly source: TreeSource;
}

/** Permission bits, or symbolic as chmod(1) takes them. */
export type ModeChange = { readonly kind: 'octal'; readonly mode: number } | { readonly kind: 'symbolic'; readonly text: string };

interface Placed {
  /** Absolute; a slash at the end means a directory. */
  readonly destination: string;
  /** `user[:group]`, names or numbers; names are looked up in the tree that is written to. Absent: root, or for a copy between stages, as it was. */
  readonly owner?: string;
}

export type TreeAction =
  /** With parents. One that is there stays as it is. */
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number; readonly owner?: string }
  | (Placed & { readonly kind: 'write'; readonly content: string; readonly mode: number; readonly change?: ModeChange })
  | (Placed & {
    readonly kind: 'copy';
    /** Index into the sources. */
    readonly source: number;
    readonly parts: readonly NamePart[];
    /** As written, for messages. */
    readonly pattern: string;
    /** How many of the first parts are not repeated below the destination (`--parents`); absent: all but the last. */
    readonly keepsFrom?: number;
    readonly rules: readonly PathRule[];
    readonly mode?: ModeChange;
    /** A tar archive is unpacked instead. */
    readonly unpacks: boolean;
    /** Nothing that matches is an error, unless the pattern has wildcards. */
    readonly isRequired: boolean;
  });

export interface AssembleRequest {
  /** Lowest first. */
  readonly base: readonly ChainId[];
  readonly sources: readonly TreeSource[];
  readonly actions: readonly TreeAction[];
  /** Seconds since the epoch: the time of what is made anew. Absent: now. */
  readonly epochSeconds?: number;
  /** What others will read of the layer and all below it: a process less for each. */
  readonly digests?: readonly (readonly TreeSelection[])[];
  /** The layer comes to be only when this is fulfilled. Where files are still arriving, what can be done before is. */
  readonly wanted?: Promise<void>;
}

export interface RetimeRequest {
  readonly layer: ChainId;
  /** Lowest first: what it goes on top of. */
  readonly base: readonly ChainId[];
  readonly epochSeconds: number;
}

/** What is read of a source. */
export interface TreeSelection {
  readonly parts: readonly NamePart[];
  readonly rules: readonly PathRule[];
  readonly follow: boolean;
  /** Set where names above count, as with `--parents`: how many of the first parts don't. */
  readonly keepsFrom?: number;
}

export interface TreeEntry {
  readonly path: string;
  readonly type: 'file' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo' | 'socket';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly linkTarget: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

export interface CollectedFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly text: string;
}

/**
 * Work on trees of files, each piece in a confined child. Errors are `invalid` where the tree is not as the request needs it,
 * with the words that BuildKit has for it.
 */
export interface TreeWork {
  /** A new layer above the base. It is named and visible only when it is whole and on disk. */
  assemble(request: AssembleRequest, signal: AbortSignal): Promise<SealedLayer>;
  /** The same layer with no time after one, above other layers. */
  retime(request: RetimeRequest, signal: AbortSignal): Promise<UnpackResult>;
  /** There will be work soon: what can be done before it is known begins, and waits for it until what is answered is called. */
  warm(): () => void;
  /** The layer above other layers. */
  restack(layer: ChainId, base: readonly ChainId[]): Promise<UnpackResult>;
  /** Copies what is at a real path of a tree into a directory of this host. */
  copyOut(source: TreeSource, path: string, directory: string, signal: AbortSignal): Promise<void>;
  /** Unpacks an archive that lies in a directory of this host into another one; everything is root's. */
  unpack(archive: { readonly directory: string; readonly name: string }, into: string, signal: AbortSignal): Promise<void>;
  /** Removes what the rules leave out of a directory of this host. */
  exclude(directory: string, rules: readonly PathRule[], signal: AbortSignal): Promise<void>;
  /** Digest of names, kinds, modes, owners and contents of what the selections read; times don't count. */
  digest(source: TreeSource, selections: readonly TreeSelection[], signal: AbortSignal): Promise<string>;
  /** The whole tree as a tar, or several trees side by side. */
  tar(source: TreeSource | readonly NamedTree[], signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Undefined where there is nothing at the path; `too-large` beyond `maxBytes`. */
  readFile(source: TreeSource, path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Contents of the files whose paths match one of the regular expressions, in their order; larger ones are left out. No link is followed. */
  collect(source: TreeSource, patterns: readonly string[], maxBytes: number, signal: AbortSignal): Promise<readonly CollectedFile[]>;
  stat(source: TreeSource, path: string): Promise<TreeEntry | undefined>;
  /** The path without links, relative to the tree; undefined where nothing is there. */
  realPath(source: TreeSource, path: string): Promise<string | undefined>;
  readDirectory(source: TreeSource, path: string): Promise<readonly TreeEntry[]>;
}
