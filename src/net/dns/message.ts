import { concatBytes } from '#base/bytes.ts';
import { formatIp, type Ip } from '../ip.ts';

/** DNS messages (RFC 1035), as far as a server of names and a forwarder needs them: questions are read, answers written. */
export const TYPE = { a: 1, cname: 5, soa: 6, ptr: 12, txt: 16, aaaa: 28, srv: 33, opt: 41, any: 255 } as const;
export const RCODE = { ok: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;

const HEADER_BYTES = 12;
const CLASS_INTERNET = 1;
const LABEL_BYTES = 63;
const NAME_BYTES = 255;
const PLAIN_UDP_BYTES = 512;
/** What we send at most over UDP, whatever a client says it takes: a fragment less is a lost answer less. */
const LARGEST_UDP_BYTES = 1232;
const FLAG = { answer: 0x8000, authoritative: 0x0400, truncated: 0x0200, recursionDesired: 0x0100, recursionAvailable: 0x0080 } as const;

export interface Query {
  readonly id: number;
  /** Lower case, without the last dot; the root is empty. */
  readonly name: string;
  readonly type: number;
  readonly recursionDesired: boolean;
  /** Bytes that the client takes over UDP. */
  readonly udpBytes: number;
  /** The question as it came, whose letters' case an answer repeats. */
  readonly question: Uint8Array;
}

export type ResourceData =
  | { readonly kind: 'address'; readonly ip: Ip }
  | { readonly kind: 'pointer'; readonly name: string }
  /** The name has another, whose records follow. */
  | { readonly kind: 'alias'; readonly name: string }
  /** A server of a service (RFC 2782). */
  | { readonly kind: 'server'; readonly name: string; readonly port: number }
  /** At most 255 bytes. */
  | { readonly kind: 'text'; readonly text: string };

/** A record of the question's name, or of its owner where one is named. */
export type Resource = ResourceData & { readonly owner?: string };

export interface Answer {
  readonly rcode: number;
  readonly resources: readonly Resource[];
  readonly ttlSeconds: number;
}

/** What kind of message it is that can't be answered from its content: its id where it has one, and the code that it deserves. */
export interface Unreadable {
  readonly id: number | undefined;
  readonly rcode: number;
}

/** Reads one question of class IN. Anything else is told apart, never thrown: it comes from a container. */
export function parseQuery(bytes: Uint8Array): Query | Unreadable {
  if (bytes.length < HEADER_BYTES) return { id: undefined, rcode: RCODE.formatError };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [id, flags] = [view.getUint16(0), view.getUint16(2)];
  // An answer is never answered: two servers would talk for ever.
  if ((flags & FLAG.answer) !== 0) return { id: undefined, rcode: RCODE.formatError };
  if ((flags & 0x7800) !== 0) return { id, rcode: RCODE.notImplemented };
  if (view.getUint16(4) !== 1) return { id, rcode: RCODE.formatError };
  const name = readName(bytes, HEADER_BYTES);
  if (name === undefined || name.end + 4 > bytes.length) return { id, rcode: RCODE.formatError };
  if (view.getUint16(name.end + 2) !== CLASS_INTERNET) return { id, rcode: RCODE.refused };
  return {
    id, name: name.text, type: view.getUint16(name.end), recursionDesired: (flags & FLAG.recursionDesired) !== 0,
    udpBytes: udpBytesOf(bytes, name.end + 4, view), question: Uint8Array.from(bytes.subarray(HEADER_BYTES, name.end + 4)),
  };
}

export function isUnreadable(query: Query | Unreadable): query is Unreadable {
  return 'rcode' in query;
}

/** @param maxBytes what does not fit is left out, and the answer marked as cut: the client asks again over TCP */
export function encodeAnswer(query: Query, { rcode, resources, ttlSeconds }: Answer, maxBytes: number): Uint8Array {
  const records = resources.map((resource) => encodeResource(resource, ttlSeconds));
  let size = HEADER_BYTES + query.question.length;
  const fits = records.filter((record) => (size += record.length) <= maxBytes);
  const cut = fits.length < records.length ? FLAG.truncated : 0;
  const flags = FLAG.answer | FLAG.authoritative | FLAG.recursionAvailable | cut | (query.recursionDesired ? FLAG.recursionDesired : 0) | rcode;
  return concatBytes([header(query.id, flags, 1, fits.length), query.question, ...fits]);
}

/** An answer that only says what went wrong. */
export function encodeFailure(id: number, rcode: number, question: Uint8Array = new Uint8Array()): Uint8Array {
  return concatBytes([header(id, FLAG.answer | FLAG.recursionAvailable | rcode, question.length === 0 ? 0 : 1, 0), question]);
}

export function idOf(message: Uint8Array): number {
  return ((message[0] ?? 0) << 8) | (message[1] ?? 0);
}

export function withId(message: Uint8Array, id: number): Uint8Array {
  // Not slice: that of a Buffer is no copy.
  const copy = Uint8Array.from(message);
  copy[0] = id >> 8;
  copy[1] = id & 0xff;
  return copy;
}

/** Whether an answer is to this question: same name, whatever its case, and same type. */
export function answers(message: Uint8Array, query: Query): boolean {
  if (message.length < HEADER_BYTES + query.question.length || ((message[2] ?? 0) & 0x80) === 0) return false;
  const asked = readName(message, HEADER_BYTES);
  return asked !== undefined && asked.text === query.name && message[asked.end] === query.type >> 8 && message[asked.end + 1] === (query.type & 0xff);
}

/** `2.0.17.172.in-addr.arpa`, or 32 digits and `ip6.arpa`. */
export function addressOfPointer(name: string): string | undefined {
  const labels = name.split('.');
  if (name.endsWith('.in-addr.arpa') && labels.length === 6) return labels.slice(0, 4).toReversed().join('.');
  if (!name.endsWith('.ip6.arpa') || labels.length !== 34) return undefined;
  return labels.slice(0, 32).toReversed().join('').match(/.{4}/g)?.join(':');
}

/** Without compression: a question has nothing before it to point at. */
function readName(bytes: Uint8Array, start: number): { text: string; end: number } | undefined {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > LABEL_BYTES || at - start > NAME_BYTES) return undefined;
    at += 1;
    if (length === 0) return { text: labels.join('.'), end: at };
    if (at + length > bytes.length) return undefined;
    labels.push(labelText(bytes.subarray(at, at + length)));
    at += length;
  }
}

/** Bytes as Latin letters: what is no host name matches none, and is forwarded as it came. */
function labelText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte === 0x2e ? '\\.' : String.fromCharCode(byte);
  return text.toLowerCase();
}

/** The OPT record of EDNS (RFC 6891) gives its class to the size. */
function udpBytesOf(bytes: Uint8Array, at: number, view: DataView): number {
  const hasOne = view.getUint16(10) > 0 && bytes.length >= at + 11 && bytes[at] === 0 && view.getUint16(at + 1) === TYPE.opt;
  return hasOne ? Math.min(LARGEST_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, view.getUint16(at + 3))) : PLAIN_UDP_BYTES;
}

function encodeResource(resource: Resource, ttlSeconds: number): Uint8Array {
  const { type, data } = encodeData(resource);
  // A pointer to the question's name, where it is not another's.
  const owner = resource.owner === undefined ? Uint8Array.of(0xc0, HEADER_BYTES) : encodeName(resource.owner);
  const fields = new Uint8Array(10);
  const view = new DataView(fields.buffer);
  view.setUint16(0, type);
  view.setUint16(2, CLASS_INTERNET);
  view.setUint32(4, ttlSeconds);
  view.setUint16(8, data.length);
  return concatBytes([owner, fields, data]);
}

/** Servers are all alike: their weight says so, and nobody comes before another. */
const SERVER_WEIGHT = 100;

function encodeData(resource: ResourceData): { readonly type: number; readonly data: Uint8Array } {
  switch (resource.kind) {
    case 'address': return { type: resource.ip.family === 4 ? TYPE.a : TYPE.aaaa, data: encodeIp(resource.ip) };
    case 'pointer': return { type: TYPE.ptr, data: encodeName(resource.name) };
    case 'alias': return { type: TYPE.cname, data: encodeName(resource.name) };
    case 'server': return { type: TYPE.srv, data: concatBytes([Uint8Array.of(0, 0, 0, SERVER_WEIGHT, resource.port >> 8, resource.port & 0xff), encodeName(resource.name)]) };
    case 'text': {
      const bytes = new TextEncoder().encode(resource.text).slice(0, 255);
      return { type: TYPE.txt, data: concatBytes([Uint8Array.of(bytes.length), bytes]) };
    }
  }
}

function encodeIp(ip: Ip): Uint8Array {
  if (ip.family === 4) return Uint8Array.from(formatIp(ip).split('.').map(Number));
  return Uint8Array.from({ length: 16 }, (_, index) => Number((ip.value >> BigInt(8 * (15 - index))) & 0xffn));
}

export function encodeName(name: string): Uint8Array {
  const labels = name.split('.').filter((label) => label !== '').map((label) => new TextEncoder().encode(label).slice(0, LABEL_BYTES));
  return concatBytes([...labels.flatMap((label) => [Uint8Array.of(label.length), label]), Uint8Array.of(0)]);
}

function header(id: number, flags: number, questions: number, resources: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of [id, flags, questions, resources].entries()) view.setUint16(index * 2, value);
  return bytes;
}
