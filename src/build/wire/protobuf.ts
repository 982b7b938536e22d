import { GantryError } from '#base/error.ts';

/**
 * Protocol Buffers, proto3 binary format (protobuf.dev, "Encoding"), for messages that are described by tables. Integers are
 * numbers: nothing in the BuildKit protocol exceeds 2^53 but times in nanoseconds, which are `bigint`.
 */
export type Scalar = 'string' | 'bytes' | 'bool' | 'int' | 'bigint';
export type Element = Scalar | Message<Fields>;
export type Kind = Element | Repeated<Element> | MapOf<Element>;
export type Fields = Readonly<Record<string, readonly [number: number, kind: Kind]>>;

export interface Message<F extends Fields> {
  readonly is: 'message';
  readonly fields: F;
  readonly byNumber: ReadonlyMap<number, readonly [name: string, kind: Kind]>;
  /** All fields with what they are when nothing is sent; lists and maps are made anew for each message. */
  readonly empty: Readonly<Record<string, unknown>>;
  readonly containers: readonly (readonly [name: string, kind: Kind])[];
}
export interface Repeated<E extends Element> { readonly is: 'repeated'; readonly of: E }
export interface MapOf<E extends Element> { readonly is: 'map'; readonly of: E }

type ElementValue<E> = E extends 'string' ? string : E extends 'bytes' ? Uint8Array : E extends 'bool' ? boolean : E extends 'int' ? number
  : E extends 'bigint' ? bigint : E extends Message<infer F> ? { readonly [K in keyof F]: Value<F[K][1]> } : never;
type Value<K> = K extends Repeated<infer E> ? readonly ElementValue<E>[] : K extends MapOf<infer E> ? ReadonlyMap<string, ElementValue<E>>
  : K extends Message<Fields> ? ElementValue<K> | undefined : ElementValue<K>;

/** What `decode` answers: absent scalars have proto3's defaults, absent messages are undefined. */
export type Decoded<M> = M extends Message<infer F> ? { readonly [K in keyof F]: Value<F[K][1]> } : never;
type InitElement<E> = E extends Message<infer F> ? { readonly [K in keyof F]?: InitValue<F[K][1]> | undefined } : ElementValue<E>;
type InitValue<K> = K extends Repeated<infer E> ? readonly InitElement<E>[] : K extends MapOf<infer E> ? ReadonlyMap<string, InitElement<E>> : InitElement<K>;
/** What `encode` takes: anything may be left out. */
export type Init<M> = InitElement<M>;

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const NOTHING = new Uint8Array();
const utf8 = new TextEncoder();
const text = new TextDecoder();

export function message<const F extends Fields>(fields: F): Message<F> {
  const entries = Object.entries(fields).map(([name, [number, kind]]) => ({ name, number, kind }));
  const containers = entries.filter(({ kind }) => typeof kind !== 'string' && kind.is !== 'message').map(({ name, kind }) => [name, kind] as const);
  return {
    is: 'message', fields, byNumber: new Map(entries.map(({ name, number, kind }) => [number, [name, kind]])), containers,
    empty: Object.fromEntries(entries.map(({ name, kind }) => [name, emptyOf(kind)])),
  };
}

export function repeated<E extends Element>(of: E): Repeated<E> {
  return { is: 'repeated', of };
}

export function mapOf<E extends Element>(of: E): MapOf<E> {
  return { is: 'map', of };
}

/** The bytes of a message. */
export function encode<F extends Fields>(type: Message<F>, value: Init<Message<F>>): Uint8Array {
  const sink = new Sink();
  sink.message(type, value as Readonly<Record<string, unknown>>);
  return sink.bytes();
}

/** Throws `invalid` for bytes that are no message. Fields that the table does not have are passed over. */
export function decode<F extends Fields>(type: Message<F>, bytes: Uint8Array): Decoded<Message<F>> {
  return decodeMessage(type, new Source(bytes)) as Decoded<Message<F>>;
}

class Sink {
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  bytes(): Uint8Array {
    if (this.#parts.length === 1) return this.#parts[0] as Uint8Array;
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  message(type: Message<Fields>, value: Readonly<Record<string, unknown>>): void {
    for (const [name, [number, kind]] of Object.entries(type.fields)) {
      const given = value[name];
      if (given === undefined) continue;
      if (typeof kind === 'string') this.#element(number, kind, given, true);
      else if (kind.is === 'message') this.#element(number, kind, given, false);
      else if (kind.is === 'repeated') for (const element of given as Iterable<unknown>) this.#element(number, kind.of, element, false);
      else for (const [key, element] of given as ReadonlyMap<string, unknown>) this.#entry(number, kind.of, key, element);
    }
  }

  #entry(number: number, kind: Element, key: string, value: unknown): void {
    const entry = new Sink();
    entry.#element(1, 'string', key, false);
    entry.#element(2, kind, value, false);
    this.#tag(number, WIRE.bytes);
    this.#chunk(entry.bytes());
  }

  /** @param skipsDefault a lone scalar with its default value is not written */
  #element(number: number, kind: Element, value: unknown, skipsDefault: boolean): void {
    if (typeof kind !== 'string') {
      const inner = new Sink();
      inner.message(kind, value as Readonly<Record<string, unknown>>);
      this.#tag(number, WIRE.bytes);
      this.#chunk(inner.bytes());
      return;
    }
    if (kind === 'string' || kind === 'bytes') {
      const bytes = kind === 'string' ? utf8.encode(value as string) : value as Uint8Array;
      if (skipsDefault && bytes.length === 0) return;
      this.#tag(number, WIRE.bytes);
      this.#chunk(bytes);
      return;
    }
    const integer = kind === 'bool' ? ((value as boolean) ? 1n : 0n) : BigInt(value as number | bigint);
    if (skipsDefault && integer === 0n) return;
    this.#tag(number, WIRE.varint);
    this.#varint(integer);
  }

  #tag(number: number, wire: number): void {
    this.#varint(BigInt(number * 8 + wire));
  }

  #chunk(bytes: Uint8Array): void {
    this.#varint(BigInt(bytes.length));
    this.#put(bytes);
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#put(Uint8Array.from(bytes));
  }

  #put(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
  }
}

class Source {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Unsigned. The common short ones cost no bigint. */
  varint(): number | bigint {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    let large = BigInt(value);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      large |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, large);
    }
    throw malformed('an integer has more than ten bytes');
  }

  chunk(): Uint8Array {
    const length = Number(this.varint());
    if (length > this.#bytes.length - this.#at) throw malformed('it ends in the middle of a field');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  skip(wire: number): void {
    if (wire === WIRE.varint) this.varint();
    else if (wire === WIRE.bytes) this.chunk();
    else if (wire === WIRE.fixed32 || wire === WIRE.fixed64) this.#at += wire === WIRE.fixed32 ? 4 : 8;
    else throw malformed(`wire type ${wire}`);
    if (this.#at > this.#bytes.length) throw malformed('it ends in the middle of a field');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed('it ends in the middle of an integer');
    this.#at += 1;
    return byte;
  }
}

function malformed(how: string): GantryError {
  return new GantryError('invalid', `malformed protobuf message: ${how}`);
}

function emptyOf(kind: Kind): unknown {
  if (typeof kind === 'string') return kind === 'string' ? '' : kind === 'bytes' ? NOTHING : kind === 'bool' ? false : kind === 'int' ? 0 : 0n;
  if (kind.is === 'message') return undefined;
  return kind.is === 'repeated' ? [] : new Map();
}

function decodeMessage(type: Message<Fields>, source: Source): Record<string, unknown> {
  const value: Record<string, unknown> = { ...type.empty };
  for (const [name, kind] of type.containers) value[name] = emptyOf(kind);
  while (!source.ended) {
    const tag = Number(source.varint());
    const field = type.byNumber.get(tag >>> 3);
    if (field === undefined) source.skip(tag & 7);
    else readField(value, field, tag & 7, source);
  }
  return value;
}

function readField(value: Record<string, unknown>, [name, kind]: readonly [string, Kind], wire: number, source: Source): void {
  if (typeof kind === 'string' || kind.is === 'message') value[name] = readElement(kind, wire, source);
  else if (kind.is === 'repeated') readRepeated(value[name] as unknown[], kind.of, wire, source);
  else {
    const entry = new Source(expectBytes(wire, source));
    let key = '';
    let element: unknown = emptyOf(kind.of) ?? decodeMessage(kind.of as Message<Fields>, new Source(NOTHING));
    while (!entry.ended) {
      const tag = Number(entry.varint());
      if (tag >>> 3 === 1) key = readElement('string', tag & 7, entry) as string;
      else if (tag >>> 3 === 2) element = readElement(kind.of, tag & 7, entry);
      else entry.skip(tag & 7);
    }
    (value[name] as Map<string, unknown>).set(key, element);
  }
}

/** Integers come packed or one by one: a reader has to take both. */
function readRepeated(into: unknown[], kind: Element, wire: number, source: Source): void {
  const isNumber = kind === 'int' || kind === 'bool' || kind === 'bigint';
  if (!isNumber || wire !== WIRE.bytes) {
    into.push(readElement(kind, wire, source));
    return;
  }
  const packed = new Source(source.chunk());
  while (!packed.ended) into.push(readElement(kind, WIRE.varint, packed));
}

function readElement(kind: Element, wire: number, source: Source): unknown {
  if (typeof kind !== 'string') return decodeMessage(kind, new Source(expectBytes(wire, source)));
  if (kind === 'string') return text.decode(expectBytes(wire, source));
  if (kind === 'bytes') return expectBytes(wire, source);
  if (wire !== WIRE.varint) throw malformed(`wire type ${wire} for an integer`);
  const integer = source.varint();
  if (kind === 'bool') return Number(integer) !== 0;
  if (kind === 'bigint') return BigInt.asIntN(64, BigInt(integer));
  return typeof integer === 'number' ? integer : Number(BigInt.asIntN(64, integer));
}

function expectBytes(wire: number, source: Source): Uint8Array {
  if (wire !== WIRE.bytes) throw malformed(`wire type ${wire} for bytes`);
  return source.chunk();
}
