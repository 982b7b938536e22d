import { quote } from './literal.ts';
import { printValue } from './value.ts';

/** Go's Sprintf for the verbs that templates use: %s %v %q %d %x %X %o %b %c %t %f %e %g %T %%, with flags, width and precision. */
export function sprintf(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replaceAll(/%([-+# 0]*)(\*|[0-9]+)?(?:\.(\*|[0-9]+)?)?([a-zA-Z%])/g, (whole, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    const take = (size: string | undefined): number | undefined => (size === '*' ? Number(args[next++]) : size === undefined ? undefined : Number(size));
    const columns = take(width);
    const digits = whole.includes('.') ? (take(precision) ?? 0) : undefined;
    if (next >= args.length) return `%!${verb}(MISSING)`;
    return pad(formatVerb(verb, args[next++], flags, digits), flags, columns ?? 0);
  });
  const extra = args.slice(next);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.map((value) => `${typeName(value)}=${printValue(value)}`).join(', ')})`;
}

function formatVerb(verb: string, value: unknown, flags: string, digits: number | undefined): string {
  switch (verb) {
    case 'v':
    case 's': {
      const text = printValue(value);
      return digits === undefined || verb === 'v' ? text : [...text].slice(0, digits).join('');
    }
    case 'q':
      return typeof value === 'string' ? quote(value) : Array.isArray(value) ? `[${value.map((item) => quote(String(item))).join(' ')}]` : printValue(value);
    case 't':
      return typeof value === 'boolean' ? String(value) : bad(verb, value);
    case 'T':
      return typeName(value);
    default:
      return typeof value === 'number' ? formatNumber(verb, value, flags, digits) : textAsHex(verb, value);
  }
}

function formatNumber(verb: string, value: number, flags: string, digits: number | undefined): string {
  const sign = flags.includes('+') && value >= 0 ? '+' : flags.includes(' ') && value >= 0 ? ' ' : '';
  const bases: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };
  const base = bases[verb];
  if (base !== undefined) {
    const text = sign + value.toString(base);
    return verb === 'X' ? text.toUpperCase() : text;
  }
  if (verb === 'c') return String.fromCodePoint(value);
  if (verb === 'f' || verb === 'F') return sign + value.toFixed(digits ?? 6);
  if (verb === 'e' || verb === 'E') return sign + value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, 'e$10$2');
  if (verb === 'g') return sign + formatGeneral(value, digits);
  return bad(verb, value);
}

/** `%g`: at most `digits` significant digits, an exponent when it is below -4 or reaches the digits. */
export function formatGeneral(value: number, digits: number | undefined): string {
  if (digits === undefined) return printValue(value);
  const places = Math.max(digits, 1);
  const [mantissa = '', exponentText = '0'] = value.toExponential(places - 1).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= places) {
    const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
    return `${short}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const fixed = value.toFixed(Math.max(places - 1 - exponent, 0));
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}

function textAsHex(verb: string, value: unknown): string {
  if (typeof value !== 'string' || (verb !== 'x' && verb !== 'X')) return bad(verb, value);
  const hex = [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return verb === 'X' ? hex.toUpperCase() : hex;
}

function bad(verb: string, value: unknown): string {
  return `%!${verb}(${typeName(value)}=${printValue(value)})`;
}

function typeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

function pad(text: string, flags: string, width: number): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  return text.replace(/^[+-]?/, (sign) => sign + '0'.repeat(missing));
}
