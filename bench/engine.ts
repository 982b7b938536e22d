import type { Suite } from './options.ts';

/** An engine as the measuring process sees it: a client to start, and the daemon behind it, if there is one. */
export interface Engine {
  readonly name: string;
  readonly client: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Where its daemon speaks Docker's API, if it does. */
  readonly socket?: string;
  /** Its process and all below it are the daemon. Podman has none. */
  readonly daemonPid?: number;
}

/** What is measured in one run of bench/inside.ts. */
export interface Job {
  readonly engines: readonly Engine[];
  readonly image: string;
  /** Path of the image as a docker archive. */
  readonly archive: string;
  /** Path of an image whose transfer takes seconds; undefined where the transfers are left out. */
  readonly layered?: string;
  readonly suites: readonly Suite[];
  readonly runs: number;
  readonly containers: number;
  /** How many run while the start of one more is timed. */
  readonly crowd: number;
}

export interface Timing {
  readonly what: string;
  readonly engine: string;
  readonly ms: readonly number[];
}

export interface Memory {
  readonly what: string;
  readonly engine: string;
  /** Kibibytes. */
  readonly pss: number;
  readonly rss: number;
}

export interface Measured {
  /** What the docker client that drives the engines with a socket says of itself. */
  readonly client: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly timings: readonly Timing[];
  readonly memory: readonly Memory[];
  /** Cases that an engine could not do, with what it said. */
  readonly refused: readonly string[];
}
