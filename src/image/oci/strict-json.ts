import { GantryError, messageOf } from '#base/error.ts';
import type { Json } from '#base/json.ts';

/** Deeper documents are no image documents. */
const MAX_DEPTH = 64;

/**
 * JSON with one meaning: an object that has a key twice is refused (`invalid`), because one reader takes the first value
 * and the next one the last. `what` names the document in messages.
 */
export function parseStrictJson(text: string, what: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new GantryError('invalid', `${what} is not JSON: ${messageOf(cause)}`, { cause });
  }
  refuseDuplicates(text, what);
  return value;
}

/** Runs over text that is known to be JSON, so it needs to understand only strings and brackets. */
function refuseDuplicates(text: string, what: string): void {
  /** One set of keys for each open object, undefined for each open array. */
  const open: (Set<string> | undefined)[] = [];
  let keyExpected = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{': open.push(new Set()); keyExpected = true; break;
      case '[': open.push(undefined); keyExpected = false; break;
      case '}': case ']': open.pop(); keyExpected = false; break;
      case ',': keyExpected = open.at(-1) !== undefined; break;
      case '"': {
        const end = stringEnd(text, at);
        if (keyExpected) addKey(open.at(-1)!, JSON.parse(text.slice(at, end + 1)) as string, what);
        keyExpected = false;
        at = end;
        break;
      }
      default: break;
    }
    if (open.length > MAX_DEPTH) throw new GantryError('invalid', `${what} is nested more than ${MAX_DEPTH} levels deep`);
  }
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function addKey(keys: Set<string>, key: string, what: string): void {
  if (keys.has(key)) throw new GantryError('invalid', `${what} has the key ${JSON.stringify(key)} twice in one object`);
  keys.add(key);
}
