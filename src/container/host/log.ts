import type { Cancellation } from '#base/cancellation.ts';

/** One write of the container as its log has it. A line longer than the monitor's buffer comes in parts. */
export interface LogRecord {
  readonly timeNs: bigint;
  readonly stream: 1 | 2;
  readonly bytes: Uint8Array;
}

/** As many at a time as were read together: a turn of the loop for each line is most of what a long log would cost. */
export type LogBatches = AsyncIterable<readonly LogRecord[]>;

export interface LogQuery {
  readonly follow: boolean;
  /** Records at or after. */
  readonly sinceNs?: bigint;
  readonly untilNs?: bigint;
  /** Last records only. */
  readonly tail?: number;
  readonly cancellation?: Cancellation;
  /** Answers whether more can come; asked when the end of the file is reached while following. */
  readonly isLive: () => boolean;
}
