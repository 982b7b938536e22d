export interface TableLayout {
  /** Least width of a column. */
  readonly minWidth: number;
  /** Blanks after the widest cell of a column. */
  readonly padding: number;
}

/** docker's lists: columns of at least 10, three blanks apart. */
export const listLayout: TableLayout = { minWidth: 10, padding: 3 };

/**
 * Aligns the tab-separated cells of a text. A column is a run of lines that have a cell, ended by a tab, in that place;
 * the last cell of a line belongs to no column. (The rule of Go's text/tabwriter.)
 */
export function alignTabs(text: string, { minWidth, padding }: TableLayout): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((): number[] => []);
  align(lines, widths, 0, lines.length, 0, minWidth, padding);
  return lines
    .map((cells, row) => cells.map((cell, column) => (column === cells.length - 1 ? cell : padCell(cell, widths[row]?.[column] ?? 0))).join(''))
    .join('\n');
}

function align(
  lines: readonly (readonly string[])[],
  widths: readonly number[][],
  from: number,
  to: number,
  column: number,
  minWidth: number,
  padding: number,
): void {
  for (let start = from; start < to; start++) {
    if ((lines[start]?.length ?? 0) - 1 <= column) continue;
    let end = start;
    let widest = 0;
    while (end < to && (lines[end]?.length ?? 0) - 1 > column) {
      widest = Math.max(widest, displayWidth(lines[end]?.[column] ?? ''));
      end += 1;
    }
    const width = Math.max(minWidth, widest + padding);
    for (let row = start; row < end; row++) widths[row]?.push(width);
    align(lines, widths, start, end, column + 1, minWidth, padding);
    start = end - 1;
  }
}

function padCell(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - displayWidth(cell)));
}

function displayWidth(text: string): number {
  return [...text].length;
}
