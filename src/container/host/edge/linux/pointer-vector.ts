import ffi from 'node:ffi';

const POINTER_BYTES = 8;

/**
 * A NULL-terminated `char *[]` with its strings behind it in the same buffer, as `argv` and `envp` are. One buffer,
 * because a garbage collection knows nothing of addresses inside it.
 */
export function pointerVector(strings: readonly string[]): Buffer {
  const encoded = strings.map((text) => Buffer.from(`${text}\0`));
  const tableBytes = (strings.length + 1) * POINTER_BYTES;
  const vector = Buffer.alloc(tableBytes + encoded.reduce((sum, bytes) => sum + bytes.length, 0));
  const base = ffi.getRawPointer(vector);
  let at = tableBytes;
  for (const [index, bytes] of encoded.entries()) {
    vector.writeBigUInt64LE(base + BigInt(at), index * POINTER_BYTES);
    bytes.copy(vector, at);
    at += bytes.length;
  }
  return vector;
}
