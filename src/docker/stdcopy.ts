/** Streams of a container without a terminal, as the API numbers them. */
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
export const SYSTEM_ERROR = 3;

export const FRAME_HEADER_BYTES = 8;

/** What is before each piece of a multiplexed stream: its stream, three zeros, its length big endian. */
export function frameHeader(stream: number, length: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  writeFrameHeader(header, 0, stream, length);
  return header;
}

/** The same into bytes that are zero there. */
export function writeFrameHeader(bytes: Uint8Array, at: number, stream: number, length: number): void {
  bytes[at] = stream;
  bytes[at + 4] = length >>> 24;
  bytes[at + 5] = length >>> 16;
  bytes[at + 6] = length >>> 8;
  bytes[at + 7] = length;
}
