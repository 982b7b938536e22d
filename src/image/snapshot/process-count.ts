/** What a process costs before it has read anything, as bytes of a tar that it could have packed meanwhile: its start, and the compilation of what it runs. */
const START_BYTES = 40 << 20;
/** Fewer processes that are so much slower are worth it. */
const WORTH = 1.1;
/** As many layers as Docker sends at once. */
const MOST = 5;

/**
 * How many processes are to pack layers of these sizes (bytes), each taking the largest that is left when it is done with one. With as many as there
 * are processors, three equal layers would take as long as four: then one more shares a processor.
 */
export function processCount(sizes: readonly number[], processors: number): number {
  const ordered = sizes.toSorted((a, b) => b - a);
  const times = Array.from({ length: Math.max(1, Math.min(MOST, sizes.length)) }, (_, index) => duration(ordered, index + 1, processors));
  const best = Math.min(...times);
  return times.findIndex((time) => time <= best * WORTH) + 1;
}

/** In bytes that one processor packs; processes that are more than the processors share them evenly. */
function duration(ordered: readonly number[], processes: number, processors: number): number {
  const waiting = [...ordered];
  let running = waiting.splice(0, processes).map((size) => START_BYTES + size);
  let time = 0;
  while (running.length > 0) {
    const step = Math.min(...running);
    time += step * Math.max(1, running.length / processors);
    const going = running.map((left) => left - step).filter((left) => left > 0);
    running = [...going, ...waiting.splice(0, running.length - going.length)];
  }
  return time;
}
