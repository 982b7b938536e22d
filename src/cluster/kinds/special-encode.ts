import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import type { SpecialForm } from './schema.ts';

/** @throws GantryError invalid for a value that has no such form, with its path */
export function encodeSpecial(form: SpecialForm, value: Json, path: string): Uint8Array {
  const writer = new BinaryWriter();
  switch (form) {
    case 'time':
    case 'micro-time': writeTime(writer, value, path); break;
    case 'duration': writer.tag(1, WireType.Varint).int64(durationOf(textAt(value, path), path)); break;
    case 'int-or-string': writeIntOrString(writer, value, path); break;
    case 'quantity': writer.tag(1, WireType.LengthDelimited).string(typeof value === 'number' ? String(value) : textAt(value, path)); break;
    case 'strings': for (const each of Array.isArray(value) ? value as readonly Json[] : []) writer.tag(1, WireType.LengthDelimited).string(textAt(each, path)); break;
    default: writer.tag(1, WireType.LengthDelimited).string(JSON.stringify(value));
  }
  return writer.finish();
}

function textAt(value: Json, path: string): string {
  if (typeof value !== 'string') throw new GantryError('invalid', `${path.replace(/^\./, '')} is not a string`);
  return value;
}

function writeTime(writer: BinaryWriter, value: Json, path: string): void {
  if (value === null) return;
  const text = textAt(value, path);
  const [, whole = '', fraction = '', zone = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const milliseconds = Date.parse(whole + zone);
  if (Number.isNaN(milliseconds)) throw new GantryError('invalid', `${path.replace(/^\./, '')} is no RFC 3339 time: ${JSON.stringify(text)}`);
  writer.tag(1, WireType.Varint).int64(milliseconds / 1000).tag(2, WireType.Varint).int32(Number(fraction.padEnd(9, '0')));
}

function writeIntOrString(writer: BinaryWriter, value: Json, path: string): void {
  if (typeof value === 'number') writer.tag(1, WireType.Varint).int64(0).tag(2, WireType.Varint).int32(value).tag(3, WireType.LengthDelimited).string('');
  else writer.tag(1, WireType.Varint).int64(1).tag(2, WireType.Varint).int32(0).tag(3, WireType.LengthDelimited).string(textAt(value, path));
}

const NANOS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's `time.ParseDuration`, in nanoseconds. */
export function durationOf(text: string, path: string): number {
  if (!/^[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*)$/.test(text)) {
    throw new GantryError('invalid', `${path.replace(/^\./, '')} is no duration: ${JSON.stringify(text)}`, { hint: 'such as 1h30m or 10s' });
  }
  const total = [...text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)].reduce((sum, [, count, unit = 's']) => sum + Number(count) * (NANOS[unit] ?? 0), 0);
  return Math.round(text.startsWith('-') ? -total : total);
}
