import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Json } from '#base/json.ts';
import type { SpecialForm } from './schema.ts';

/** Fields of a small message by number: varints as bigint, the rest as bytes. */
function fieldsOf(bytes: Uint8Array): Map<number, bigint | Uint8Array> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, bigint | Uint8Array>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (wireType === 0) fields.set(number, BigInt(reader.int64()));
    else if (wireType === 2) fields.set(number, reader.bytes());
    else reader.skip(wireType, number);
  }
  return fields;
}

const text = (value: bigint | Uint8Array | undefined): string => value instanceof Uint8Array ? new TextDecoder().decode(value) : '';
const integer = (value: bigint | Uint8Array | undefined): bigint => typeof value === 'bigint' ? value : 0n;

/** The JSON form of a value whose message is not its JSON form. */
export function decodeSpecial(form: SpecialForm, bytes: Uint8Array): Json {
  if (form === 'strings') return stringsOf(bytes);
  const fields = fieldsOf(bytes);
  switch (form) {
    case 'time':
    case 'micro-time': return fields.size === 0 ? null : timeText(integer(fields.get(1)), Number(integer(fields.get(2))), form);
    case 'duration': return durationText(integer(fields.get(1)));
    case 'int-or-string': return integer(fields.get(1)) === 0n ? Number(BigInt.asIntN(32, integer(fields.get(2)))) : text(fields.get(3));
    case 'quantity': return text(fields.get(1));
    default: return rawOf(fields.get(1));
  }
}

function rawOf(raw: bigint | Uint8Array | undefined): Json {
  const json = text(raw);
  return json === '' ? null : JSON.parse(json) as Json;
}

function stringsOf(bytes: Uint8Array): Json {
  const reader = new BinaryReader(bytes);
  const strings: string[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === 1) strings.push(reader.string());
    else reader.skip(wireType, number);
  }
  return strings;
}

/** RFC 3339 in UTC: whole seconds for Time, six digits for MicroTime. */
function timeText(seconds: bigint, nanos: number, form: 'time' | 'micro-time'): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return form === 'time' ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

const UNITS: readonly (readonly [unit: string, nanos: bigint])[] = [['h', 3_600_000_000_000n], ['m', 60_000_000_000n]];

/** Go's `time.Duration.String()`: `1h0m0s`, `1.5s`, `10ms`. */
export function durationText(nanos: bigint): string {
  if (nanos < 0n) return `-${durationText(-nanos)}`;
  if (nanos === 0n) return '0s';
  if (nanos < 1000n) return `${nanos}ns`;
  if (nanos < 1_000_000n) return `${decimal(nanos, 1000n)}µs`;
  if (nanos < 1_000_000_000n) return `${decimal(nanos, 1_000_000n)}ms`;
  let rest = nanos;
  let out = '';
  for (const [unit, size] of UNITS) {
    const count = rest / size;
    rest %= size;
    if (count > 0n || out !== '') out += `${count}${unit}`;
  }
  return `${out}${decimal(rest, 1_000_000_000n)}s`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit).padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}
