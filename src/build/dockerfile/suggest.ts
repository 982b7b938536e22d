/** Further away than two changes, a name is another name. */
const MAX_DISTANCE = 2;

/** A name longer than this is no misspelt one. */
const MAX_LENGTH = 128;

/** The option nearest to what was written; none where one is equal, because then the name is not the fault. */
export function suggest(written: string, options: Iterable<string>, { ignoreCase = false } = {}): string | undefined {
  const wanted = ignoreCase ? written.toLowerCase() : written;
  if (wanted.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let least = MAX_DISTANCE + 1;
  for (const option of options) {
    const candidate = ignoreCase ? option.toLowerCase() : option;
    if (candidate === wanted) return undefined;
    if (Math.abs(candidate.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, candidate);
    if (distance >= least) continue;
    least = distance;
    best = ignoreCase ? inCaseOf(written, option) : option;
  }
  return best;
}

function inCaseOf(written: string, option: string): string {
  if (written === written.toLowerCase()) return option.toLowerCase();
  return written === written.toUpperCase() ? option.toUpperCase() : option.toLowerCase();
}

/** Levenshtein's distance, up to MAX_DISTANCE + 1: only the diagonal band that can stay below it is looked at. */
function editDistance(left: string, right: string): number {
  const far = MAX_DISTANCE + 1;
  let row = Array.from({ length: right.length + 1 }, (_, column) => Math.min(column, far));
  for (let i = 1; i <= left.length; i++) {
    const next = new Array<number>(right.length + 1).fill(far);
    if (i <= MAX_DISTANCE) next[0] = i;
    const end = Math.min(right.length, i + MAX_DISTANCE);
    for (let j = Math.max(1, i - MAX_DISTANCE); j <= end; j++) {
      const change = (row[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next[j] = Math.min(far, change, (row[j] as number) + 1, (next[j - 1] as number) + 1);
    }
    row = next;
  }
  return row[right.length] as number;
}
