import { Environment, Optional } from '@marcbachmann/cel-js';
import type { Json } from '#base/json.ts';
import { GantryError } from '#base/error.ts';
import { withNamespace } from './expression-namespace.ts';

/** What an entry is called whose value may be absent: no field of an object begins so. */
const MAYBE = '\u0001?';
const TYPE_BEFORE = /(?:^|[^\w.$])((?:Object(?:\.[A-Za-z_]\w*)*|JSONPatch)\s*)$/;
const LONGEST_TYPE = 300;
const DEEPEST = 64;
/** The library does not name its type. */
const UNSIGNED: unknown = (new Environment().evaluate('1u') as object).constructor;

/**
 * `Object.spec{replicas: 3}` and `JSONPatch{op: "add"}` as maps, which the library has: it knows no literals of types
 * (kubernetes.io, "Mutating Admission Policy"). Places in faults are those of what it made of them.
 */
export function withObjectLiterals(text: string): string {
  let made = '';
  let at = 0;
  /** For each open brace whether a type stands before it, and so names stand for fields. */
  const open: boolean[] = [];
  let isField = false;
  while (at < text.length) {
    const token = tokenAt(text, at);
    at += token.length;
    if (token === '{') {
      const type = TYPE_BEFORE.exec(made.slice(-LONGEST_TYPE))?.[1];
      if (type !== undefined) made = `${made.slice(0, made.length - type.length)}dyn(`;
      open.push(type !== undefined);
      isField = type !== undefined;
      made += token;
    } else if (token === '}') {
      made += open.pop() === true ? '})' : token;
      isField = false;
    } else if (isField && token === '?') {
      const name = tokenAt(text, at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0));
      at = text.indexOf(name, at) + name.length;
      made += JSON.stringify(`${MAYBE}${fieldName(name)}`);
      isField = false;
    } else if (isField && /^[A-Za-z_`]/.test(token)) {
      made += JSON.stringify(fieldName(token));
      isField = false;
    } else {
      made += token;
      if (token === ',') isField = open.at(-1) === true;
      // Brackets and calls have commas of their own.
      if (token === '(' || token === '[') open.push(false);
      if (token === ')' || token === ']') open.pop();
    }
  }
  return made;
}

/** A text, a comment, a word, or one character. */
function tokenAt(text: string, at: number): string {
  const token = /^(?:[rRbB]{0,2}(?:"""[^]*?"""|'''[^]*?''')|[rR][bB]?(?:"[^"\n]*"|'[^'\n]*')|[bB]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|`[^`\n]*`|\/\/[^\n]*|[A-Za-z_]\w*|\d\w*|[^])/.exec(text.slice(at, at + 10_000));
  return token?.[0] ?? text.charAt(at);
}

/** As it is written in JSON: words of the language are escaped, and so is what stands in no word. */
function fieldName(token: string): string {
  if (token.startsWith('`')) return token.slice(1, -1);
  const plain = /^__([a-z]+)__$/.exec(token)?.[1];
  return plain ?? token.replaceAll('__dot__', '.').replaceAll('__dash__', '-').replaceAll('__slash__', '/').replaceAll('__underscores__', '__');
}

/** `jsonpatch.escapeKey` (RFC 6901, 3). */
export function withPatchKeys(environment: Environment): Environment {
  return withNamespace(environment, 'jsonpatch', 'kubernetes.JSONPatchKeys')
    .registerFunction('kubernetes.JSONPatchKeys.escapeKey(string): string', (_keys: unknown, key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** What an expression made, as JSON. @throws GantryError invalid where there is no JSON for it */
export function jsonOf(value: unknown, depth = 0): Json {
  if (depth > DEEPEST) throw new GantryError('invalid', `what the expression made is nested more than ${DEEPEST} deep`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return finite(value);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z');
  if (value instanceof Uint8Array) return value.toBase64();
  if (Array.isArray(value)) return value.map((each) => jsonOf(each, depth + 1));
  if (value instanceof Map) return objectFrom([...value] as [unknown, unknown][], depth);
  if (typeof value === 'object' && value.constructor === UNSIGNED) return Number(value.valueOf());
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) return objectFrom(Object.entries(value), depth);
  throw new GantryError('invalid', 'the expression made a value of which there is no JSON');
}

function objectFrom(entries: readonly (readonly [unknown, unknown])[], depth: number): Json {
  const made: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [key, value] of entries) {
    if (typeof key !== 'string') throw new GantryError('invalid', 'a field is called by what is no text');
    const isMaybe = key.startsWith(MAYBE);
    if (isMaybe && !(value instanceof Optional)) throw new GantryError('invalid', `the field ${key.slice(MAYBE.length)} has no optional value`);
    if (value instanceof Optional && !value.hasValue()) continue;
    made[isMaybe ? key.slice(MAYBE.length) : key] = jsonOf(value instanceof Optional ? value.value() : value, depth + 1);
  }
  return made;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new GantryError('invalid', `there is no JSON for ${value}`);
  return value;
}
