/** The text before and after the first separator. `after` is undefined when there is none. */
export function cut(text: string, separator: string): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** `key=value` strings as a map; a key alone has the empty value, the last one of a key wins. */
export function toMap(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(pairs.map((pair) => {
    const [key, value] = cut(pair, '=');
    return [key, value ?? ''];
  }));
}

/** The list, or null when it is empty: how Go writes a list that nobody made. */
export function listOrNull<T>(items: readonly T[]): readonly T[] | null {
  return items.length === 0 ? null : items;
}
