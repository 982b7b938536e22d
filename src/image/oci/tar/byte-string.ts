import type { Brand } from '#base/brand.ts';

/**
 * Bytes as a string whose every character is one byte (U+0000 to U+00FF). Names in archives and file systems are bytes,
 * not text: this keeps them exact, and still comparable, usable as keys and cheap to cut.
 */
export type ByteString = Brand<string, 'ByteString'>;

const utf8 = new TextEncoder();
const CHUNK = 8192;

export function bytesToByteString(bytes: Uint8Array): ByteString {
  if (bytes.length <= CHUNK) return String.fromCharCode(...bytes) as ByteString;
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text as ByteString;
}

export function byteStringToBytes(text: ByteString): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The UTF-8 bytes of a text. */
export function textToByteString(text: string): ByteString {
  return /^[\x00-\x7f]*$/.test(text) ? text as ByteString : bytesToByteString(utf8.encode(text));
}

/** For messages and JSON only: what is not UTF-8 becomes U+FFFD. */
export function byteStringToText(bytes: ByteString): string {
  return /^[\x00-\x7f]*$/.test(bytes) ? bytes : new TextDecoder().decode(byteStringToBytes(bytes));
}

/** A name as messages show it: quoted, short, and without control characters that could write on a terminal. */
export function quoteName(bytes: ByteString): string {
  const text = byteStringToText(bytes);
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
