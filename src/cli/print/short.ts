const SHORT_ID = 12;

/** The twelve digits that people use of an id; `sha256:` goes. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(':') + 1).slice(0, SHORT_ID);
}

/** At most so many columns, the last of them an ellipsis. */
export function ellipsis(text: string, width: number): string {
  const chars = [...text];
  return chars.length <= width ? text : `${chars.slice(0, width - 1).join('')}…`;
}
