/** Completion indexes as the API writes them: `1,3-5,7` (`batch.v1.JobStatus.completedIndexes`). */

/** @param below indexes from there on are left out */
export function parseRanges(text: string, below: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (first === undefined) continue;
    for (let index = Number(first); index <= Math.min(Number(last), below - 1); index += 1) indexes.add(index);
  }
  return indexes;
}

export function formatRanges(indexes: Iterable<number>): string {
  const parts: string[] = [];
  let run: { first: number; last: number } | undefined;
  const close = (): void => {
    if (run !== undefined) parts.push(run.first === run.last ? `${run.first}` : `${run.first}${run.last === run.first + 1 ? ',' : '-'}${run.last}`);
  };
  for (const index of [...indexes].sort((a, b) => a - b)) {
    if (run !== undefined && index === run.last + 1) run.last = index;
    else {
      close();
      run = { first: index, last: index };
    }
  }
  close();
  return parts.join(',');
}
