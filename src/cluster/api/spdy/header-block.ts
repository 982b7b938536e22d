import { GantryError } from '#base/error.ts';
import { concatBytes } from '#base/bytes.ts';

/** No sender of this protocol needs more. */
const MOST_HEADERS = 64;
/** zlib's own header, for data that leans on no dictionary (RFC 1950). */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x01);
/** A stored block of nothing, which hands over all that came before it (RFC 1951 section 3.2.4). */
const FLUSH = Uint8Array.of(0, 0, 0, 0xff, 0xff);

/** Names and values of a header block that was unpacked; names in lower case, several values of one as the first. @throws GantryError invalid */
export function readHeaders(block: Uint8Array): ReadonlyMap<string, string> {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  let at = 0;
  const number = (): number => {
    if (at + 4 > block.length) throw new GantryError('invalid', 'a header block ends within a length');
    at += 4;
    return view.getUint32(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > block.length) throw new GantryError('invalid', 'a header block ends within a text');
    at += length;
    return new TextDecoder().decode(block.subarray(at - length, at));
  };
  const count = number();
  if (count > MOST_HEADERS) throw new GantryError('invalid', `a header block has ${count} headers; ${MOST_HEADERS} are taken`);
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index += 1) {
    const name = text().toLowerCase();
    headers.set(name, text().split('\0', 1)[0] ?? '');
  }
  return headers;
}

/** A block without headers, stored as it is. @param isFirst of its connection: all blocks are one stream of zlib */
export function emptyHeaderBlock(isFirst: boolean): Uint8Array {
  const content = Uint8Array.of(0, 0, 0, 0);
  const stored = Uint8Array.of(0, content.length, 0, ~content.length & 0xff, 0xff);
  return concatBytes([...(isFirst ? [ZLIB_HEADER] : []), stored, content, FLUSH]);
}
