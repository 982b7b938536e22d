/** Upstream's bounds (apiserver, pkg/endpoints/filters/warning.go): clients refuse headers that are too long. */
const MOST_IN_ALL = 4 * 1024;
const MOST_OF_ONE = 256;

/** Values of `Warning` headers (RFC 9111's predecessor, RFC 7234 5.5), each once; where they are too much, their beginnings. */
export function warningHeaders(texts: readonly string[]): readonly string[] {
  const plain = [...new Set(texts)].map((text) => text.replace(/[^\x20-\x7e]/g, '?'));
  const isMuch = plain.reduce((sum, { length }) => sum + length, 0) > MOST_IN_ALL;
  let room = MOST_IN_ALL;
  return plain.flatMap((text) => {
    const told = isMuch ? text.slice(0, MOST_OF_ONE) : text;
    room -= told.length;
    return room < 0 ? [] : [`299 - ${JSON.stringify(told)}`];
  });
}
