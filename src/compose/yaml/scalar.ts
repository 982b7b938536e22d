import { Float, type Value } from '../value/value.ts';

/**
 * Plain scalars as compose-go reads them: YAML 1.2's core schema with what its YAML library keeps of 1.1, octals
 * such as `0644`, `0b11` and `1_000`. `yes`, `on` and times of day are text.
 */
export function resolvePlain(text: string): Value {
  switch (text) {
    case '': case '~': case 'null': case 'Null': case 'NULL': return null;
    case 'true': case 'True': case 'TRUE': return true;
    case 'false': case 'False': case 'FALSE': return false;
    case '.nan': case '.NaN': case '.NAN': return new Float(Number.NaN);
    default: return resolveNumber(text) ?? text;
  }
}

const INFINITE = /^([-+]?)\.(?:inf|Inf|INF)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INTEGERS: readonly (readonly [pattern: RegExp, radix: number, skip: number])[] = [
  [/^[-+]?0x[0-9a-fA-F]+$/, 16, 2],
  [/^[-+]?0b[01]+$/, 2, 2],
  [/^[-+]?0o[0-7]+$/, 8, 2],
  [/^[-+]?0[0-7]+$/, 8, 1],
  [/^[-+]?(?:0|[1-9][0-9]*)$/, 10, 0],
];

function resolveNumber(text: string): number | Float | undefined {
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return new Float(infinite[1] === '-' ? -Infinity : Infinity);
  if (!/^[-+.0-9]/.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  for (const [pattern, radix, skip] of INTEGERS) {
    if (!pattern.test(plain)) continue;
    const digits = plain.replace(/^[-+]/, '').slice(skip);
    const value = Number.parseInt(digits, radix) * (plain.startsWith('-') ? -1 : 1);
    return Number.isSafeInteger(value) ? value + 0 : new Float(value);
  }
  return FLOAT.test(plain) ? new Float(Number(plain)) : undefined;
}

const CORE = 'tag:yaml.org,2002:';

/** A scalar with an explicit tag. Undefined when the text is not of the tag's type. */
export function resolveTagged(tag: string, text: string): Value | undefined {
  const value = resolvePlain(text);
  switch (tag.startsWith(CORE) ? tag.slice(CORE.length) : '') {
    case 'int': return typeof value === 'number' ? value : undefined;
    case 'float': return typeof value === 'number' ? new Float(value) : value instanceof Float ? value : undefined;
    case 'bool': return typeof value === 'boolean' ? value : undefined;
    case 'null': return value === null ? null : undefined;
    default: return text;
  }
}
