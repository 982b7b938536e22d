import type { Captured } from './engine.ts';
import { flatten, normaliseText, type Flat } from './normalise.ts';
import type { Step } from './step.ts';

export interface Difference {
  /** The words of the command, as they stand in the script. */
  readonly command: string;
  /** `code`, `stdout`, `stderr`, or the path of a field of the JSON on stdout. */
  readonly place: string;
  readonly theirs: string | undefined;
  readonly ours: string | undefined;
}

export function compare(step: Step, theirs: Captured, ours: Captured): Difference[] {
  const command = step.argv.join(' ');
  const found: Difference[] = [];
  const differ = (place: string, left: string | undefined, right: string | undefined): void => {
    if (left !== right) found.push({ command, place, theirs: left, ours: right });
  };
  differ('code', String(theirs.code), String(ours.code));
  differ('stderr', normaliseText(theirs.stderr), normaliseText(ours.stderr));
  if (step.json === true) {
    const [left, right] = [fieldsOf(theirs.stdout), fieldsOf(ours.stdout)];
    for (const path of new Set([...left.keys(), ...right.keys()])) differ(path, left.get(path), right.get(path));
  } else differ('stdout', textOf(step, theirs.stdout), textOf(step, ours.stdout));
  return found;
}

function textOf(step: Step, text: string): string {
  const clean = normaliseText(text);
  return step.unordered === true ? clean.split('\n').sort().join('\n') : clean;
}

function fieldsOf(text: string): Flat {
  const clean = normaliseText(text).trim();
  try {
    return flatten(JSON.parse(clean));
  } catch {
    // One value on each line, then.
  }
  try {
    return flatten(clean.split('\n').map((line) => JSON.parse(line) as unknown));
  } catch {
    return new Map([['', clean]]);
  }
}
