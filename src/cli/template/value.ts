/**
 * Template values are JSON values, functions, and views. A view is an object of getters and methods whose fields are
 * worked out when a template asks for them; it carries the name of its type for messages.
 */
export const viewType = Symbol('view type');

export interface View {
  readonly [viewType]: string;
  readonly [field: string]: unknown;
}

export function isView(value: unknown): value is View {
  return typeof value === 'object' && value !== null && viewType in value;
}

/** The empty value of its kind: false, 0, '', null, or nothing inside. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null && !isView(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** A value as Go prints it with `%v`. */
export function printValue(value: unknown): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => typeof item !== 'function').toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, item]) => `${key}:${printValue(item)}`).join(' ')}]`;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return printFloat(value);
  return String(value);
}

/** A value as `json` writes it. Views are written with sorted keys and `<`, `>`, `&` escaped, as Go's encoder does for them. */
export function jsonValue(value: unknown): string {
  return isView(value) ? escapeHtml(stringify(plain(value))) : stringify(value);
}

/** JSON.stringify knows no bigint: it is marked by a private character and unquoted afterwards. */
function stringify(value: unknown): string {
  const replace = (_key: string, item: unknown): unknown =>
    typeof item === 'bigint' ? `\uE000${item}` : isView(item) ? plain(item) : item;
  return (JSON.stringify(value, replace) ?? 'null').replaceAll(/"\uE000(-?[0-9]+)"/g, '$1');
}

function plain(view: View): Readonly<Record<string, unknown>> {
  const keys = Object.keys(view).toSorted();
  return Object.fromEntries(keys.map((key) => [key, view[key]] as const).filter(([, item]) => typeof item !== 'function'));
}

function escapeHtml(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}

function printFloat(value: number): string {
  return Math.abs(value) >= 1e21 || (value !== 0 && Math.abs(value) < 1e-4)
    ? value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
    : String(value);
}

