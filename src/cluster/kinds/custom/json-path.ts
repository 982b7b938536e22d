import type { Json } from '#base/json.ts';
import { isObject } from '../rules/_fields.ts';

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  /** `[?(@.type=="Ready")]` */
  | { readonly kind: 'where'; readonly path: readonly Step[]; readonly operator: string; readonly value: Json };

/** A path of the part of kubectl's JSONPath that columns are written in (client-go, util/jsonpath). */
export type JsonPath = readonly Step[];

const LONGEST = 1000;

/** @returns undefined where it is none */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (text.length > LONGEST) return undefined;
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const steps: Step[] = [];
  let rest = inner.startsWith('$') || inner.startsWith('@') ? inner.slice(1) : inner;
  while (rest !== '') {
    const found = nextStep(rest);
    if (found === undefined) return undefined;
    if (found.step !== undefined) steps.push(found.step);
    rest = rest.slice(found.length);
  }
  return steps;
}

function nextStep(text: string): { readonly step: Step | undefined; readonly length: number } | undefined {
  const name = /^\.((?:\\.|[^.[\\])+)/.exec(text);
  if (name !== null) {
    const plain = (name[1] as string).replace(/\\(.)/g, '$1');
    return { step: plain === '*' ? { kind: 'all' } : { kind: 'name', name: plain }, length: name[0].length };
  }
  if (text === '.') return { step: undefined, length: 1 };
  const quotedName = /^\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/.exec(text);
  if (quotedName !== null) return { step: { kind: 'name', name: (quotedName[1] ?? quotedName[2] ?? '').replace(/\\(.)/g, '$1') }, length: quotedName[0].length };
  const index = /^\[(-?\d{1,9})\]/.exec(text);
  if (index !== null) return { step: { kind: 'index', index: Number(index[1]) }, length: index[0].length };
  if (text.startsWith('[*]')) return { step: { kind: 'all' }, length: 3 };
  const where = /^\[\?\(\s*@([^=!<>]*?)\s*(==|!=)\s*("[^"]*"|'[^']*'|[^)'"\s]+)\s*\)\]/.exec(text);
  if (where === null) return undefined;
  const [whole, path = '', operator = '', literal = ''] = where;
  const inner = parseJsonPath(path);
  return inner === undefined ? undefined : { step: { kind: 'where', path: inner, operator, value: literalOf(literal) }, length: whole.length };
}

function literalOf(text: string): Json {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Everything that a path finds, in its order. */
export function valuesAt(value: Json, path: JsonPath): readonly Json[] {
  return path.reduce<readonly Json[]>((found, step) => found.flatMap((each) => stepped(each, step)), [value]);
}

function stepped(value: Json, step: Step): readonly Json[] {
  switch (step.kind) {
    case 'name': return isObject(value) && Object.hasOwn(value, step.name) && value[step.name] !== undefined ? [value[step.name] as Json] : [];
    case 'index': {
      const item = Array.isArray(value) ? (value as readonly Json[]).at(step.index) : undefined;
      return item === undefined ? [] : [item];
    }
    case 'all': return Array.isArray(value) ? value as readonly Json[] : isObject(value) ? Object.values(value).filter((each) => each !== undefined) : [];
    case 'where': return (Array.isArray(value) ? value as readonly Json[] : []).filter((item) => valuesAt(item, step.path).includes(step.value) === (step.operator === '=='));
  }
}
