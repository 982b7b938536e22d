/**
 * A ratchet is a list of what passes, one name per line, sorted: it grows and never shrinks. Lines that start
 * with `#` say what the list is. `after` is missing when the file was deleted.
 */
export function ratchetFaults(before: string, after: string | undefined): string[] {
  if (after === undefined) return ['the list was deleted: what it names must go on passing'];
  const names = namesOf(after);
  const faults: string[] = [];
  const misplaced = names.find((name, at) => at > 0 && name <= (names[at - 1] as string));
  if (misplaced !== undefined) faults.push(`"${misplaced}" is out of order or there twice: sort the list (LC_ALL=C sort -u)`);
  const kept = new Set(names);
  for (const name of namesOf(before)) {
    if (!kept.has(name)) faults.push(`"${name}" was taken out: mend what made it fail, and put it back`);
  }
  return faults;
}

function namesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
