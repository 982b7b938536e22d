import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MIB = 1 << 20;
/** Less is not worth a pause. */
const LEAST_BYTES = 3 * MIB;
/** The pause grows with what is alive: 30 ms for the 10 MiB of an engine. */
const LARGEST_HEAP_BYTES = 32 * MIB;
/** Of a processor, since the last look. */
const AT_REST = 0.02;

/** Between two collections of the young generation: each takes a third of a millisecond. */
const PASSED_BYTES = 8 * MIB;

type Collect = (options: { readonly type: 'major'; readonly flavor: 'last-resort' } | { readonly type: 'minor' }) => void;

/**
 * Work makes V8's young generation grow to what the flags allow, which makes collections rare and cheap; at rest it keeps that
 * size, twice. This gives it back when a process has come to rest.
 */
export class YoungGeneration {
  #usage = process.cpuUsage();
  #lookedMs = performance.now();

  /** To be called every few seconds. @returns whether memory was given back */
  look(): boolean {
    const usage = process.cpuUsage(this.#usage);
    const elapsedMs = performance.now() - this.#lookedMs;
    this.#usage = process.cpuUsage();
    this.#lookedMs = performance.now();
    const isAtRest = (usage.user + usage.system) / 1000 < elapsedMs * AT_REST;
    return isAtRest && shrinkYoungGeneration();
  }
}

/** Collects everything, and makes the young generation as small as a new process has it. Holds the loop. */
export function shrinkYoungGeneration(): boolean {
  const spaces = getHeapSpaceStatistics();
  const young = spaces.find(({ space_name: name }) => name === 'new_space');
  const used = spaces.reduce((sum, space) => sum + space.space_used_size, 0);
  if ((young?.physical_space_size ?? 0) < LEAST_BYTES || used > LARGEST_HEAP_BYTES) return false;
  // Only the thorough collection shrinks spaces.
  collector()({ type: 'major', flavor: 'last-resort' });
  return true;
}

/**
 * Buffers that come by the hundreds of megabytes and are let go at once. For V8 they are a reason to look through the whole heap, again every 50 MB, at
 * 70 ms of processor time each; the few objects that they are held by are looked through in less than one.
 */
export class PassingBuffers {
  #collect: Collect | undefined;
  #bytes = 0;

  /** To be told of all that was let go. */
  passed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < PASSED_BYTES) return;
    this.#bytes = 0;
    this.#collect ??= collector();
    this.#collect({ type: 'minor' });
  }
}

/** A program gets at it by this flag alone. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
