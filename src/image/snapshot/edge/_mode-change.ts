import { GantryError } from '#base/error.ts';
import type { ModeChange } from '../tree-work.ts';

const WHO = { u: 0o4700, g: 0o2070, o: 0o1007 } as const;
const BITS = { r: 0o444, w: 0o222, s: 0o6000, t: 0o1000 } as const;

/** chmod(1): what becomes of a mode. The mask of the process counts as zero. */
export function changeMode(change: ModeChange, mode: number, isDirectory: boolean): number {
  if (change.kind === 'octal') return change.mode;
  return change.text.split(',').reduce((before, clause) => changeByClause(clause, before, isDirectory), mode);
}

function changeByClause(clause: string, mode: number, isDirectory: boolean): number {
  const parsed = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
  if (parsed === null) throw new GantryError('invalid', `invalid chmod parameter: '${clause}'`);
  const [, who = '', changes = ''] = parsed;
  const mask = who === '' || who.includes('a') ? 0o7777 : [...who].reduce((bits, letter) => bits | WHO[letter as keyof typeof WHO], 0);
  let result = mode;
  for (const [, operator, letters] of changes.matchAll(/([-+=])([rwxXst]*|[ugo])/g)) {
    const bits = bitsOf(letters as string, result, isDirectory) & mask;
    if (operator === '+') result |= bits;
    else if (operator === '-') result &= ~bits;
    // A directory keeps its set-id bits where they are not named.
    else result = (result & ~(mask & (isDirectory ? 0o1777 : 0o7777))) | bits;
  }
  return result & 0o7777;
}

function bitsOf(letters: string, mode: number, isDirectory: boolean): number {
  if (/^[ugo]$/.test(letters)) {
    const three = (mode >> (letters === 'u' ? 6 : letters === 'g' ? 3 : 0)) & 7;
    return three * 0o111;
  }
  let bits = 0;
  for (const letter of letters) {
    if (letter === 'x' || (letter === 'X' && (isDirectory || (mode & 0o111) !== 0))) bits |= 0o111;
    else if (letter !== 'X') bits |= BITS[letter as keyof typeof BITS];
  }
  return bits;
}
