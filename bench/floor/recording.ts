import type { OutgoingHttpHeaders } from 'node:http2';

/** What a daemon said to one command of a client, to be said again. */
export interface Recording {
  /** Answers to requests that stay HTTP/1, by method and path. */
  readonly plain: Map<string, PlainAnswer>;
  /** buildx makes two builds: one of nothing, by which it finds out what the daemon can do, and its own. */
  readonly builds: RecordedBuild[];
}

export interface RecordedBuild {
  /** Answers to calls of the client by path, in the order of the calls. */
  readonly answers: Map<string, Answer[]>;
  /** Calls that the daemon made to the client, in their order. */
  readonly calls: RecordedCall[];
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

export interface Answer {
  readonly body: Buffer;
  /** `grpc-status` and what goes with it. */
  readonly trailers: OutgoingHttpHeaders;
}

export interface RecordedCall {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** All gRPC messages that the daemon sent, with their heads. */
  readonly sent: Buffer;
  /** The call of the client during which it was made. */
  readonly during: string;
}

export const CONTROL = '/moby.buildkit.v1.Control';
export const BRIDGE = '/moby.buildkit.v1.frontend.LLBBridge';

export function emptyRecording(): Recording {
  return { plain: new Map(), builds: [emptyBuild()] };
}

export function emptyBuild(): RecordedBuild {
  return { answers: new Map(), calls: [] };
}

/** Beside these a client asks for a build's history and sends its traces, of which a build needs nothing. */
export function isOfBuild(path: string): boolean {
  return path.startsWith(BRIDGE) || ['ListWorkers', 'Info', 'Solve', 'Status'].some((name) => path === `${CONTROL}/${name}`);
}

/** The last build of a command is the one for which its files were asked for. */
export function isComplete({ builds }: Recording): boolean {
  return builds.some((build) => isOver(build) && build.calls.length > 0);
}

export function isOver({ answers }: RecordedBuild): boolean {
  return answers.has(`${CONTROL}/Solve`);
}

/** The call of the client for which the daemon needs something of it: the frontend its Dockerfile, and the build all else. */
export function reasonOf(open: Iterable<string>): string {
  return [...open].includes(`${BRIDGE}/Solve`) ? `${BRIDGE}/Solve` : `${CONTROL}/Solve`;
}
