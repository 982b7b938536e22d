import { isMapping, type Value } from '../value/value.ts';
import { closingBrace } from './template.ts';

export interface Variable {
  readonly required: boolean;
  readonly fallback: string;
  readonly alternate: string;
}

const REFERENCE = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)(?::?[-+?][^\n]*)?\})/gi;

/** Every variable that texts of a model use, with what they say for the case that it is not set. */
export function variablesIn(value: Value, found = new Map<string, Variable>()): ReadonlyMap<string, Variable> {
  if (typeof value === 'string') inText(value, found);
  else if (Array.isArray(value)) for (const item of value) variablesIn(item, found);
  else if (isMapping(value)) for (const item of value.values()) variablesIn(item, found);
  return found;
}

function inText(text: string, found: Map<string, Variable>): void {
  for (const [match, escaped, named, braced] of text.matchAll(REFERENCE)) {
    if (escaped !== undefined) continue;
    if (named !== undefined) {
      found.set(named, { required: false, fallback: '', alternate: '' });
      continue;
    }
    const end = closingBrace(match);
    const inside = end === -1 ? '' : match.slice(2 + (braced as string).length, end);
    const [, operator = '', rest = ''] = /^:?([-+?])(.*)$/s.exec(inside) ?? [];
    found.set(braced as string, { required: operator === '?', fallback: operator === '-' ? rest : '', alternate: operator === '+' ? rest : '' });
    if (operator !== '?') inText(rest, found);
    inText(match.slice(end + 1), found);
  }
}
