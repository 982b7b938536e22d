import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { parseStrictJson } from '#image/oci/strict-json.ts';
import { parsePrefix } from './registry-config.ts';
import type { TrustRule } from './trust.ts';

const ACTIONS: readonly string[] = ['accept', 'reject', 'signed'] satisfies TrustRule['action'][];

/**
 * `{"rules": [{"prefix": "ghcr.io/org", "action": "signed", "keys": ["/etc/gantry/org.pub"]}, {"prefix": "", "action": "reject"}]}`.
 * Nothing is taken loosely: a rule that is misread would let in what it was to keep out. Throws `invalid`.
 */
export function parseTrustPolicy(text: string, readKey: (path: string) => string): TrustRule[] {
  const value = parseStrictJson(text, 'the trust policy');
  const top = fields(value, 'the trust policy', ['rules']);
  const rules = top['rules'];
  if (!Array.isArray(rules)) throw wrong('the trust policy', 'has no list of rules');
  const read = rules.map((rule: Json, index) => readRule(rule, `rule ${index + 1} of the trust policy`, readKey));
  const twice = read.find(({ prefix }, index) => read.findIndex((other) => other.prefix === prefix) !== index);
  if (twice !== undefined) throw wrong('the trust policy', `has two rules for ${JSON.stringify(twice.prefix)}`);
  return read;
}

function readRule(value: Json, where: string, readKey: (path: string) => string): TrustRule {
  const rule = fields(value, where, ['prefix', 'action', 'keys']);
  const { prefix = '', action, keys = [] } = rule;
  if (typeof prefix !== 'string') throw wrong(where, 'has a prefix that is not a string');
  if (typeof action !== 'string' || !ACTIONS.includes(action)) throw wrong(where, `has the action ${JSON.stringify(action ?? null)}, expected one of ${ACTIONS.join(', ')}`);
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'string')) throw wrong(where, 'has keys that are no list of files');
  if ((action === 'signed') !== (keys.length > 0)) throw wrong(where, action === 'signed' ? 'wants signatures and names no key' : 'names keys but does not want signatures');
  const texts = (keys as readonly string[]).map((path) => {
    const key = readKey(path);
    if (!/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(key)) throw wrong(where, `names ${path}, which is no public key in PEM`);
    return key;
  });
  return { prefix: prefix === '' ? '' : parsePrefix(prefix), action: action as TrustRule['action'], keys: texts };
}

function fields(value: Json | undefined, where: string, known: readonly string[]): Readonly<Record<string, Json | undefined>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'is not an object');
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong(where, `has the unknown field ${JSON.stringify(unknown)}`);
  return value as Readonly<Record<string, Json | undefined>>;
}

function wrong(where: string, what: string): GantryError {
  return new GantryError('invalid', `${where} ${what}`);
}
