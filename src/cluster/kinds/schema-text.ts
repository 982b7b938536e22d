import { GantryError } from '#base/error.ts';
import type { FieldSchema, MessageSchema, Ownership, PatchStrategy, Scalar } from './schema.ts';

const SCALARS: ReadonlySet<string> = new Set<Scalar>(['string', 'bool', 'bytes', 'int32', 'int64', 'double']);

/**
 * One line of a schema module: `Name field field`, each field `json:number:type` with `;fact`s: a shape before the type (`[]`, `{}`),
 * then `inline`, `ptr`, `req`, `atomic`, `set`, `map=a,b`, `patch=merge+retainKeys,key`, `default=JSON`.
 * @param home the package, as `core.v1`, to which names without one belong
 */
export function parseMessage(line: string, home: string): MessageSchema {
  const [name = '', ...fields] = line.split(' ');
  return { name: `${home}.${name.replace(/!$/, '')}`, atomic: name.endsWith('!'), fields: fields.map((text) => parseField(text, home)) };
}

function parseField(text: string, home: string): FieldSchema {
  const [head = '', ...facts] = text.split(';');
  const [name = '', number = '', type = ''] = head.split(':');
  const valueOf = (fact: string): string | undefined => facts.find((each) => each.startsWith(`${fact}=`))?.slice(fact.length + 1);
  const preset = valueOf('default');
  return {
    name, number: Number(number), shape: type.startsWith('[]') ? 'list' : type.startsWith('{}') ? 'map' : 'one', type: typeOf(type.replace(/^\[\]|^\{\}/, ''), home),
    inline: facts.includes('inline'), pointer: facts.includes('ptr'), required: facts.includes('req'),
    ownership: ownershipOf(facts, valueOf('map')), patch: patchOf(valueOf('patch')),
    preset: preset === undefined ? undefined : JSON.parse(preset) as string | number | boolean,
  };
}

function typeOf(text: string, home: string): FieldSchema['type'] {
  if (text === '') throw new GantryError('internal', `a field of ${home} has no type: make the schema modules again`);
  if (SCALARS.has(text)) return { kind: 'scalar', scalar: text as Scalar };
  return { kind: 'message', name: text.includes('.') ? text : `${home}.${text}` };
}

function ownershipOf(facts: readonly string[], keys: string | undefined): Ownership {
  if (keys !== undefined) return { kind: 'map', keys: keys.split(',') };
  return facts.includes('atomic') ? { kind: 'atomic' } : facts.includes('set') ? { kind: 'set' } : { kind: 'granular' };
}

function patchOf(text: string | undefined): PatchStrategy | undefined {
  if (text === undefined) return undefined;
  const [strategies = '', mergeKey] = text.split(',');
  const all = strategies.split('+');
  return { merge: all.includes('merge'), retainKeys: all.includes('retainKeys'), mergeKey };
}
