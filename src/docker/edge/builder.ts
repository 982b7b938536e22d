import type { Duplex } from 'node:stream';

/** What a client offers on the connection that a build calls it back on. */
export interface OfferedSession {
  readonly id: string;
  readonly name: string;
  /** The same for every build of one directory on one machine. */
  readonly sharedKey: string;
  /** Paths of the methods that can be called. */
  readonly methods: readonly string[];
}

/** `POST /build`, in the terms of the Dockerfile frontend. */
export interface ClassicBuild {
  readonly attributes: ReadonlyMap<string, string>;
  readonly names: readonly string[];
  readonly body: AsyncIterable<Uint8Array>;
  /** Where the context is, when it is not the body. */
  readonly remote: string;
  /** By id. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly signal: AbortSignal;
}

export type ClassicBuildEvent =
  /** The Dockerfile is read, and is built now. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'stream'; readonly text: string }
  | { readonly kind: 'result'; readonly id: string }
  | { readonly kind: 'explained'; readonly steps: readonly { readonly title: string; readonly isCached: boolean; readonly why: string }[] };

export interface PruneRequest {
  readonly all: boolean;
  readonly keepNs: bigint;
  /** Absent: as much as there is. */
  readonly keepBytes: number | undefined;
  /** As `buildx prune --filter` has them. */
  readonly filters: readonly string[];
}

/** One thing that builds keep. */
export interface BuildRecord {
  readonly id: string;
  readonly kind: string;
  readonly description: string;
  readonly size: number;
  readonly createdNs: bigint;
  readonly usedNs: bigint;
  readonly uses: number;
  readonly isInUse: boolean;
  readonly isShared: boolean;
  readonly parents: readonly string[];
}

/** Whoever builds, as this front needs them. */
export interface Builder {
  /** Serves the BuildKit protocol on a connection that speaks HTTP/2 from its first byte on. */
  serve(socket: Duplex): void;
  /** Settles when the client has gone. */
  attach(socket: Duplex, session: OfferedSession): Promise<void>;
  /** Throws what went wrong, also in the middle; of a command that failed with its `exitCode`. */
  classic(request: ClassicBuild): AsyncIterable<ClassicBuildEvent>;
  records(): Promise<readonly BuildRecord[]>;
  prune(request: PruneRequest): Promise<readonly { readonly id: string; readonly size: number }[]>;
}

/** Building is loaded when it is first asked for: an idle daemon does not pay for it. */
export type LoadBuilder = () => Promise<Builder>;
