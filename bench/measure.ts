/** Summary of repeated measurements, in the unit of the measurements. */
export interface Summary {
  readonly runs: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
}

export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Who is measured when: every subject once per round, and each round begins with another one, so that what
 * changes slowly on the machine (caches, clock rate, neighbours) touches all of them alike.
 */
export function interleave<T>(subjects: readonly T[], rounds: number): T[] {
  return Array.from({ length: rounds }, (_, round) =>
    subjects.map((_, at) => subjects[(at + round) % subjects.length] as T)).flat();
}

/** Linear interpolation between the two nearest ranks. `share` is 0 to 1; the sample must not be empty. */
export function quantile(sample: readonly number[], share: number): number {
  return quantileOfSorted([...sample].sort((a, b) => a - b), share);
}

function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}

export function summarize(sample: readonly number[]): Summary {
  return {
    runs: sample.length,
    lowerQuartile: quantile(sample, 0.25),
    median: quantile(sample, 0.5),
    upperQuartile: quantile(sample, 0.75),
  };
}

const RESAMPLES = 2000;

/**
 * The ratio of the medians `a / b` with a 95 % bootstrap interval: both samples are drawn anew from themselves,
 * independently, and the interval is the middle of the ratios that come out. `random` answers 0 <= x < 1.
 */
export function ratioOfMedians(a: readonly number[], b: readonly number[], random: () => number): Ratio {
  const drawn = Float64Array.from({ length: RESAMPLES }, () => resampledMedian(a, random) / resampledMedian(b, random)).sort();
  return {
    ratio: quantile(a, 0.5) / quantile(b, 0.5),
    low: quantileOfSorted(drawn, 0.025),
    high: quantileOfSorted(drawn, 0.975),
  };
}

function resampledMedian(sample: readonly number[], random: () => number): number {
  const drawn = Float64Array.from(sample, () => sample[Math.floor(random() * sample.length)] as number).sort();
  return quantileOfSorted(drawn, 0.5);
}

/** A small generator with a seed (mulberry32): two reports of one measurement are equal. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
