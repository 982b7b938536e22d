import { concatBytes } from '#base/bytes.ts';
import { tryParseIp } from '../ip.ts';
import { encodeAnswer, encodeFailure, encodeName, RCODE, TYPE, type Answer, type Query, type Resource } from './message.ts';

const HEADER_BYTES = 12;
const CLASS_INTERNET = 1;
const RECURSION_DESIRED = 0x0100;
/** In the third byte. */
const TRUNCATED = 0x02;
const LABEL_BYTES = 63;
/** Of one name, and of an answer: more are somebody's joke. */
const MOST_POINTERS = 16;
const MOST_RECORDS = 64;
const TTL_SECONDS = 5;

/** What is known of a name is that it stands for another. */
export interface Alias {
  readonly target: string;
}

export function isAlias(found: Answer | Alias | undefined): found is Alias {
  return found !== undefined && 'target' in found;
}

/**
 * The question after the name that an alias stands for. Whoever asks for an address takes it for granted that an alias comes
 * with what it leads to (RFC 1034 section 3.6.2).
 */
export function questionAfter(target: string, { id, type, recursionDesired, udpBytes }: Query): { readonly message: Uint8Array; readonly query: Query } {
  const name = target.toLowerCase().replace(/\.$/, '');
  const question = concatBytes([encodeName(name), Uint8Array.of(type >> 8, type & 0xff, 0, CLASS_INTERNET)]);
  const header = Uint8Array.of(id >> 8, id & 0xff, RECURSION_DESIRED >> 8, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  return { message: concatBytes([header, question]), query: { id, name, type, recursionDesired, udpBytes, question } };
}

/** The answer to the first question: the alias, and the addresses and further aliases of the answer to the second. */
export function answerWithAlias(query: Query, target: string, answer: Uint8Array, maxBytes: number): Uint8Array {
  const rcode = (answer[3] ?? RCODE.serverFailure) & 0xf;
  if (rcode !== RCODE.ok && rcode !== RCODE.noSuchName) return encodeFailure(query.id, rcode, query.question);
  const resources: Resource[] = [{ kind: 'alias', name: target }, ...readRecords(answer)];
  // What came cut is cut again: the client asks once more over TCP.
  const isCut = ((answer[2] ?? 0) & TRUNCATED) !== 0;
  return encodeAnswer(query, { rcode, ttlSeconds: TTL_SECONDS, resources }, isCut ? 0 : maxBytes);
}

/** Addresses and aliases of an answer's first section; what can't be read ends it. */
export function readRecords(message: Uint8Array): readonly Resource[] {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const records: Resource[] = [];
  const asked = message.length < HEADER_BYTES ? undefined : readName(message, HEADER_BYTES);
  let at = asked === undefined ? message.length : asked.end + 4;
  const count = message.length < HEADER_BYTES ? 0 : Math.min(view.getUint16(6), MOST_RECORDS);
  for (let index = 0; index < count; index += 1) {
    const owner = readName(message, at);
    if (owner === undefined || owner.end + 10 > message.length) break;
    const [type, start, length] = [view.getUint16(owner.end), owner.end + 10, view.getUint16(owner.end + 8)];
    if (start + length > message.length) break;
    const record = readData(message, type, start, length);
    if (record !== undefined) records.push({ ...record, owner: owner.text });
    at = start + length;
  }
  return records;
}

function readData(message: Uint8Array, type: number, start: number, length: number): Resource | undefined {
  const bytes = message.subarray(start, start + length);
  if (type === TYPE.cname) {
    const target = readName(message, start);
    return target === undefined ? undefined : { kind: 'alias', name: target.text };
  }
  const text = type === TYPE.a && length === 4 ? [...bytes].join('.') : type === TYPE.aaaa && length === 16 ? Array.from({ length: 8 }, (_, at) => (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16)).join(':') : '';
  const ip = tryParseIp(text);
  return ip === undefined ? undefined : { kind: 'address', ip };
}

/** With compression (RFC 1035 section 4.1.4): pointers lead backwards only. `end` is after the name where it stands. */
function readName(message: Uint8Array, start: number): { readonly text: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let [at, end, pointers] = [start, -1, 0];
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if ((length & 0xc0) === 0xc0) {
      const target = ((length & 0x3f) << 8) | (message[at + 1] ?? 0);
      pointers += 1;
      if (target >= at || pointers > MOST_POINTERS) return undefined;
      if (end < 0) end = at + 2;
      at = target;
    } else if (length > LABEL_BYTES) return undefined;
    else if (length === 0) return { text: labels.join('.'), end: end < 0 ? at + 1 : end };
    else {
      labels.push(new TextDecoder('latin1').decode(message.subarray(at + 1, at + 1 + length)));
      at += 1 + length;
    }
  }
}
