/** What a `Range` header asks of a blob of so many bytes (RFC 9110, section 14). */
export type AskedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly offset: number; readonly length: number }
  | { readonly kind: 'outside' };

/** Several ranges at once, and other units, are answered with the whole, as the RFC lets a server do. */
export function parseRange(header: string | undefined, size: number): AskedRange {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return { kind: 'whole' };
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? { kind: 'outside' } : { kind: 'part', offset: size - length, length };
  }
  const [offset, end] = [Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1)];
  if (to !== '' && Number(to) < offset) return { kind: 'whole' };
  return offset >= size ? { kind: 'outside' } : { kind: 'part', offset, length: end - offset + 1 };
}

/** `Content-Range` of a chunk of an upload: `0-999`, both ends included. Undefined where it is something else. */
export function parseChunkRange(header: string): { readonly start: number; readonly end: number } | undefined {
  const [, start, end] = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/\S*)?$/.exec(header.trim()) ?? [];
  if (start === undefined || end === undefined || Number(end) < Number(start)) return undefined;
  return { start: Number(start), end: Number(end) };
}
