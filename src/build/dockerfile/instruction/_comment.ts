/** What the first comment that begins with the name says about it. */
export function commentAbout(comments: readonly string[], name: string): string {
  const found = name === '' ? undefined : comments.find((comment) => comment.startsWith(`${name} `));
  return found === undefined ? '' : found.slice(name.length + 1);
}
