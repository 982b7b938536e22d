import type { GoTags } from './read-go-tags.ts';
import type { ProtoField, ProtoFile, ProtoMessage } from './read-proto.ts';

const SCALARS = new Set(['string', 'bool', 'bytes', 'int32', 'int64', 'double', 'float']);
const PACKAGE = /^\.?(?:k8s\.io\.api|k8s\.io\.apimachinery\.pkg\.apis|k8s\.io\.apiextensions_apiserver\.pkg\.apis|k8s\.io\.metrics\.pkg\.apis)\.(\w+)\.(\w+)$/;

/** `core.v1` for a package of kinds, and the last word for the packages of single types: `runtime`, `resource`, `intstr`. */
export function shortPackage(name: string): string {
  const found = PACKAGE.exec(name);
  return found === null ? name.replace(/^.*\./, '') : `${found[1]}.${found[2]}`;
}

/**
 * A file of messages as the text that src/cluster/kinds/schema-text.ts reads back: a line a message, `Name field field`,
 * each field `json:number:type`, with its facts behind semicolons. A `!` behind a message's name: owned as a whole.
 */
export function schemaText(file: ProtoFile, tags: GoTags): string {
  const home = shortPackage(file.package);
  return file.messages.filter(({ name }) => !name.endsWith('List') || name === 'List').map((message) => messageLine(message, home, tags)).join('\n');
}

function messageLine(message: ProtoMessage, home: string, tags: GoTags): string {
  const atomic = message.markers.includes('structType=atomic') ? '!' : '';
  return [`${message.name}${atomic}`, ...message.fields.map((field) => fieldText(message.name, field, home, tags))].join(' ');
}

function fieldText(message: string, field: ProtoField, home: string, tags: GoTags): string {
  const key = `${message}.${field.number}`;
  const name = tags.inline.has(key) ? field.name : tags.jsonName.get(key) ?? field.name;
  const shape = field.shape === 'list' ? '[]' : field.shape === 'map' ? '{}' : '';
  return [`${name}:${field.number}:${shape}${typeText(field.type, home)}`, ...(tags.inline.has(key) ? ['inline'] : []), ...(tags.pointers.has(key) ? ['ptr'] : []), ...facts(field.markers, tags.omitted.has(key))].join(';');
}

function typeText(type: string, home: string): string {
  if (SCALARS.has(type) || !type.startsWith('.')) return type;
  const at = type.lastIndexOf('.');
  const from = shortPackage(type.slice(0, at));
  return from === home ? type.slice(at + 1) : `${from}.${type.slice(at + 1)}`;
}

function facts(markers: readonly string[], isOmitted: boolean): string[] {
  const all = (name: string): string[] => markers.filter((marker) => marker.startsWith(`${name}=`)).map((marker) => marker.slice(name.length + 1));
  const [list] = all('listType');
  const [patch] = all('patchStrategy');
  const keys = all('listMapKey');
  const isAtomic = list === 'atomic' || all('mapType')[0] === 'atomic' || all('structType')[0] === 'atomic';
  const preset = all('default').find((value) => /^("\w*"|-?\d+|true|false)$/.test(value));
  return [
    ...(markers.includes('optional') || (isOmitted && !markers.includes('required')) ? [] : ['req']),
    ...(isAtomic ? ['atomic'] : list === 'set' ? ['set'] : list === 'map' ? [`map=${keys.join(',')}`] : []),
    ...(patch === undefined ? [] : [`patch=${patch.replace(',', '+')}${all('patchMergeKey').map((name) => `,${name}`).join('')}`]),
    ...(preset === undefined ? [] : [`default=${preset}`]),
  ];
}
