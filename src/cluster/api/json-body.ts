import type { Json } from '#base/json.ts';
import { badRequest } from './refusals.ts';
import type { StatusError } from './status.ts';
import { MOST_VALUES, tooManyValues } from './value-count.ts';

export const DEEPEST = 1000;

export function tooDeep(): StatusError {
  return badRequest(`the body nests more than ${DEEPEST} levels deep`);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Objects without a prototype's power: `__proto__` is a key like any other, as JSON.parse has it. */
export function parseJson(text: string): Json {
  if (text.trim() === '') throw badRequest('the request has no body');
  checkBounds(text);
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw badRequest(`the body is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/**
 * How deep a text nests and how many values are in it, by brackets and commas outside of strings; upper bounds for text that is no
 * JSON. It is read no further than it takes.
 * @throws StatusError
 */
export function checkBounds(text: string): void {
  let depth = 0;
  let values = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isQuoted) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isQuoted = false;
    } else if (code === 0x22) isQuoted = true;
    else if (code === 0x2c) values += 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      // The first of what is in it, which no comma tells of.
      const next = text.charCodeAt(at + 1);
      if (next !== 0x7d && next !== 0x5d) values += 1;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
    if (depth > DEEPEST) throw tooDeep();
    if (values > MOST_VALUES) throw tooManyValues('the body');
  }
}
