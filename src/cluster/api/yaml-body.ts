import { isMap, isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml';
import type { Json } from '#base/json.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { checkBounds, DEEPEST, textOf, tooDeep } from './json-body.ts';
import { badRequest } from './refusals.ts';
import { tooManyValues } from './value-count.ts';

/** How often aliases may be followed: a body of some kilobytes can name gigabytes otherwise. */
const MOST_ALIASES = 100;
const MOST_DUPLICATES = 100;
/** What the parser makes of a text: four to eight to a value. It takes a hundred times as long as that of JSON. */
const MOST_TOKENS = 200_000;

export interface YamlBody {
  readonly value: Json;
  /** What is said of fields that stand twice, of which the last counts, as upstream's parser says it. */
  readonly duplicates: readonly string[];
}

/** The fields of a body are looked through before its value is, and reading it is what costs most. */
const read = new WeakMap<Uint8Array, YamlBody>();

/**
 * One YAML document, with the booleans of YAML 1.1 that clients write.
 * @throws StatusError invalid, with line and column; too-large
 */
export function parseYaml(bytes: Uint8Array): YamlBody {
  const known = read.get(bytes);
  if (known !== undefined) return known;
  const text = textOf(bytes);
  const body = jsonOf(text) ?? documentOf(text);
  read.set(bytes, body);
  return body;
}

/** Most clients send JSON, which is YAML too. Undefined where it is none, or has faults that are told in YAML's words. */
function jsonOf(text: string): YamlBody | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  checkBounds(text);
  try {
    const value = JSON.parse(text) as Json;
    return duplicateFields(text).length === 0 ? { value, duplicates: [] } : undefined;
  } catch {
    return undefined;
  }
}

function documentOf(text: string): YamlBody {
  checkTokens(text);
  const duplicates: string[] = [];
  const lineCounter = new LineCounter();
  // The parser's own check of keys compares each with each: a map of 100,000 keys would take it minutes.
  const document = parseDocument(text, { version: '1.1', merge: true, uniqueKeys: false, prettyErrors: true, schema: 'yaml-1.1', resolveKnownTags: false, lineCounter });
  const [fault] = document.errors;
  if (fault !== undefined) throw badRequest(`the body is no YAML: ${fault.message}`);
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      for (const { key } of isMap(map) ? map.items : []) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && key.value !== '<<' && duplicates.length < MOST_DUPLICATES) duplicates.push(`line ${lineCounter.linePos(key.range?.[0] ?? 0).line}: key ${JSON.stringify(key.value)} already set in map`);
        seen.add(key.value);
      }
    },
  });
  try {
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }) as Json, duplicates };
  } catch (cause) {
    throw badRequest(`the body is no YAML: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/**
 * How many tokens there are, and how deep they nest: in brackets, and in lines of lists in lists (`- - -`). The parser would go as deep,
 * and take a tenth of a second to fail. What is indented more than that is as much text as a body may have. Looks no further than it takes.
 * @throws StatusError
 */
function checkTokens(text: string): void {
  // Before each scalar is a token without a character.
  const mayBeMany = text.length * 2 > MOST_TOKENS;
  if (!mayBeMany && text.length < 2 * DEEPEST) return;
  let [tokens, brackets, inLine] = [0, 0, 0];
  for (const token of new Lexer().lex(text)) {
    if ((tokens += 1) > MOST_TOKENS) throw tooManyValues('the body');
    if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets -= 1;
    else if (token === '-' || token === '?') inLine += 1;
    else if (token === '\n' || token === '\r\n') inLine = 0;
    if (brackets + inLine > DEEPEST) throw tooDeep();
  }
}
