/** Streams of a container without a terminal, as the API numbers them. */
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
export const SYSTEM_ERROR = 3;

/** Eight bytes before each piece of a multiplexed stream: its stream, three zeros, its length big endian. */
export function frameHeader(stream: number, length: number): Uint8Array {
  return Uint8Array.of(stream, 0, 0, 0, (length >>> 24) & 0xff, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);
}
