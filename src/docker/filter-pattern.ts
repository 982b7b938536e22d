import { GantryError } from '#base/error.ts';

const SPECIAL = /[\\^$.*+?()[\]{}|]/;
const LONGEST_PATTERN = 256;
/** Backtracking costs at most the source's length to this power. */
const MOST_REPEATS = 3;

/**
 * Whether a pattern of a client is found in a name. Docker's patterns run in linear time; ours backtrack,
 * so a pattern that could hold up the daemon is refused.
 */
export function patternMatches(pattern: string, source: string): boolean {
  if (!SPECIAL.test(pattern)) return source.includes(pattern);
  const plain = /^\^?([^\\^$.*+?()[\]{}|]*)\$?$/.exec(pattern)?.[1];
  if (plain !== undefined) {
    const [start, end] = [pattern.startsWith('^'), pattern.endsWith('$')];
    if (start && end) return source === plain;
    return start ? source.startsWith(plain) : source.endsWith(plain);
  }
  if (pattern.length > LONGEST_PATTERN || isCostly(pattern)) {
    throw new GantryError('invalid', `invalid filter: the pattern '${pattern.slice(0, 64)}' is too complex`, { hint: `use at most ${MOST_REPEATS} repetitions, and none of a group` });
  }
  try {
    return new RegExp(pattern).test(source);
  } catch {
    return false;
  }
}

function isCostly(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[\^?\]?[^\]]*\]/g, 'x');
  const repeats = bare.match(/[*+]|\{\d+(,\d*)?\}/g)?.length ?? 0;
  return repeats > MOST_REPEATS || /\)(?:[*+]|\{)/.test(bare) || /\(\?/.test(bare) || /\\[1-9]/.test(pattern);
}
