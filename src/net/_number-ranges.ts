/** A set of whole numbers as disjoint ranges in order, neighbours joined. Both ends are included. */
export type NumberRanges = readonly NumberRange[];

export interface NumberRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** The index of the first range that ends at or after the number. */
function indexFrom(ranges: NumberRanges, number: bigint): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.to < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function hasNumber(ranges: NumberRanges, number: bigint): boolean {
  const range = ranges[indexFrom(ranges, number)];
  return range !== undefined && range.from <= number;
}

export function withNumber(ranges: NumberRanges, number: bigint): NumberRanges {
  if (hasNumber(ranges, number)) return ranges;
  const index = indexFrom(ranges, number);
  const before = ranges[index - 1];
  const after = ranges[index];
  const joinsBefore = before?.to === number - 1n;
  const joinsAfter = after?.from === number + 1n;
  const joined = { from: joinsBefore ? before.from : number, to: joinsAfter ? after.to : number };
  return ranges.toSpliced(joinsBefore ? index - 1 : index, Number(joinsBefore) + Number(joinsAfter), joined);
}

export function withoutNumber(ranges: NumberRanges, number: bigint): NumberRanges {
  if (!hasNumber(ranges, number)) return ranges;
  const index = indexFrom(ranges, number);
  const { from, to } = ranges[index]!;
  const rest: NumberRange[] = [];
  if (from < number) rest.push({ from, to: number - 1n });
  if (number < to) rest.push({ from: number + 1n, to });
  return ranges.toSpliced(index, 1, ...rest);
}

/** The lowest number at or after `from`, up to and including `to`, that is not in the set. */
export function firstGap(ranges: NumberRanges, from: bigint, to: bigint): bigint | undefined {
  const range = ranges[indexFrom(ranges, from)];
  const gap = range !== undefined && range.from <= from ? range.to + 1n : from;
  return gap <= to ? gap : undefined;
}

export function countNumbers(ranges: NumberRanges): bigint {
  return ranges.reduce((sum, range) => sum + range.to - range.from + 1n, 0n);
}
