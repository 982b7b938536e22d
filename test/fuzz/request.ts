import { gzipSync } from 'node:zlib';
import type { Description, Operation, Parameter } from '../contract/description.ts';
import { forgeTar } from '../world/forge.ts';
import type { Chance } from './chance.ts';
import { HOSTILE_WORDS, spoil } from './hostile.ts';
import { makeValue } from './value.ts';

/** How the client behaves: as it should, or as one that is broken, slow or gone. */
export type Manner = 'good' | 'half' | 'truncated' | 'vanishes' | 'reads slowly' | 'dribbles';

export interface FuzzRequest {
  readonly operation: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly manner: Manner;
}

/** Operations that reach a registry, a program or a build: their words are chosen with care. */
const GOES_OUT = /^(POST \/images\/create|POST \/images\/\{name\}\/push|GET \/distribution|GET \/images\/search|POST \/build$|POST \/auth|POST \/plugins|GET \/plugins\/privileges)/;
const NOWHERE = ['127.0.0.1:1/x', '127.0.0.1:1/x:1', 'Bad/Name', '..', '%'];
const THINGS = ['fuzz-0', 'fuzz-1', 'fuzz-2', 'fuzz-3', 'fuzz-4'];
const NAMES: Readonly<Record<string, readonly string[]>> = {
  containers: [...THINGS, ...THINGS, ...THINGS, 'nosuch'], images: ['busybox', 'busybox:latest', 'fuzz-image:1', 'nosuch'], networks: ['fuzz-net-0', 'fuzz-net-1', 'bridge', 'host', 'none', 'nosuch'], volumes: ['fuzz-volume-0', 'fuzz-volume-1', 'nosuch'], exec: ['EXEC', 'EXEC', 'nosuch'],
};
const FILTERS: readonly unknown[] = [
  {}, { label: ['a=b'] }, { label: { 'a=b': true } }, { name: ['fuzz'] }, { name: ['^(a+)+$', '('] }, { status: ['running', 'nonsense'] }, { dangling: ['true'] }, { dangling: ['perhaps'] }, { until: ['1h'] }, { until: ['x'] }, { since: ['fuzz-0'] }, { before: ['nosuch'] }, { health: ['none'] }, { exited: ['x'] },
  { nosuch: ['x'] }, { __proto__x: ['x'] }, { label: 'text' }, { label: [1] }, { label: { a: 'b' } }, [], 1, null, 'text', { event: ['start'] }, { type: ['container'] }, { reference: ['*'] }, { ancestor: ['busybox'] }, { publish: ['80-x'] }, { volume: ['/data'] }, { network: ['bridge'] },
];
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  path: ['/', '/tmp', '/etc/passwd', '/tmp/../../..', '/proc/self/root', 'relative', '/nosuch', '/dev', '/tmp/'], signal: ['TERM', 'KILL', '9', 'HUP', 'NOPE', '-1', '0', '999'], t: ['0', '1', '-1', 'x', '1e9'], h: ['10', '0', '-1', 'x'], w: ['10', 'x', '99999999999'], condition: ['not-running', 'next-exit', 'removed', 'nonsense'], tail: ['1', 'all', '-1', 'x'],
  since: ['0', '1', '1.5', 'x', '2026-01-01'], until: ['1', '1700000000', 'x'], limit: ['0', '1', '-1', 'x'], ps_args: ['aux', '-ef', '-o pid', '-o nosuch', '; id'], repo: ['fuzz-image', 'Bad/Name'], tag: ['1', 'bad tag'], container: THINGS, changes: ['ENV A=1', 'CMD ["sh"]', 'RUN true', 'nonsense'], fromSrc: ['-', '-', 'http://127.0.0.1:1/x'], fromImage: NOWHERE, remote: NOWHERE, term: NOWHERE,
  names: ['busybox', 'nosuch'], type: ['container', 'image', 'nonsense'], stream: ['0', '1', 'x'], follow: ['0', '1'], platform: ['linux/amd64', 'x/y/z/z', '{}'], version: ['1', '-1', 'x'], outputs: ['', '[]', 'x'], dockerfile: ['Dockerfile', '../x', '/x'], t_: ['fuzz-image:2'],
};

/** The request of this number: nothing but the seed and the number decides. */
export function makeRequest(description: Description, chance: Chance): FuzzRequest {
  const operation = chance.pick(description.operations);
  const { method, title } = operation;
  const body = bodyOf(operation, description, chance);
  const target = `${chance.pick(['/v1.51', '/v1.51', '/v1.51', '/v1.24', '/v1.41', '', '/v1.99', '/v9'])}${pathOf(operation, chance)}${queryOf(operation, chance)}`;
  const upgrade = /attach|\/start$|session/.test(title) && chance.percent(50) ? { Connection: 'Upgrade', Upgrade: chance.pick(['tcp', 'websocket', 'h2c', 'nonsense']), ...(title.endsWith('/ws') ? { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' } : {}) } : {};
  const type = body === undefined ? {} : { 'Content-Type': contentType(operation, chance) };
  const auth = chance.percent(10) ? { 'X-Registry-Auth': chance.pick(['e30=', 'nonsense', Buffer.from('{"username":1}').toString('base64url'), '']) } : {};
  const manner = chance.percent(85) ? 'good' : chance.pick<Manner>(['half', 'truncated', 'vanishes', 'reads slowly', 'dribbles']);
  return { operation: title, method, target, headers: { ...type, ...upgrade, ...auth }, body, manner };
}

/** What has to last for the whole run is not deleted. */
const LASTING = 'busybox';

function pathOf({ path, title, method }: Operation, chance: Chance): string {
  const kind = path.split('/')[1] ?? '';
  return path.replaceAll(/\{\w+\}/g, () => {
    if (GOES_OUT.test(title)) return chance.pick(NOWHERE);
    return chance.percent(85) ? chance.pick((NAMES[kind] ?? ['x', 'nosuch']).filter((name) => method !== 'DELETE' || !name.startsWith(LASTING))) : hostileName(chance);
  });
}

/** Encoded or as it is, as long as it can stand in a request line. */
function hostileName(chance: Chance): string {
  const word = chance.pick(HOSTILE_WORDS);
  if (chance.percent(25)) return chance.pick(['..%2f..%2fx', '%00', 'a%00b', '%2e%2e', '%ff', '%', '%zz', '..%252f', 'a%2fb', '%5c..', 'fuzz-0/../fuzz-1', '%0d%0aX:%20y']);
  return chance.percent(60) ? encodeURIComponent(word.toWellFormed()) : word.replaceAll(/[^\x21-\x7e]|[?#]/g, '');
}

function queryOf(operation: Operation, chance: Chance): string {
  const pairs = operation.parameters.filter((parameter) => parameter.in === 'query' && chance.percent(parameter.required === true ? 85 : 40)).map((parameter) => `${parameter.name}=${encodeURIComponent(parameterOf(parameter, operation, chance).toWellFormed())}`);
  if (chance.percent(3)) pairs.push(...chance.pick([['__proto__=1'], ['a[b]=1', 'a=2'], ['%=%'], [`x=${'y'.repeat(9000)}`], ['=']]));
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function parameterOf({ name, type, enum: words }: Parameter, { title }: Operation, chance: Chance): string {
  if (name === 'filters') return chance.percent(90) ? JSON.stringify(chance.pick(FILTERS)) : chance.pick(['{', '[', '{"label":', '', 'x'.repeat(2000)]);
  if (name === 'name' && title === 'POST /containers/create') return chance.percent(90) ? chance.pick(THINGS) : chance.pick(HOSTILE_WORDS);
  if (words !== undefined && chance.percent(70)) return String(chance.pick(words));
  if (name === 't' && title === 'POST /build') return 'fuzz-image:2';
  const known = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
  if (known !== undefined && (chance.percent(80) || GOES_OUT.test(title))) return chance.pick(known);
  if (type === 'boolean') return chance.pick(['0', '1', 'true', 'false', '', 'perhaps']);
  if (type === 'integer') return chance.pick(['0', '1', '-1', '10', 'x', '1e3', '99999999999999999999']);
  return GOES_OUT.test(title) ? '' : chance.pick(HOSTILE_WORDS);
}

function contentType({ title }: Operation, chance: Chance): string {
  if (chance.percent(4)) return chance.pick(['text/plain', 'nonsense', 'application/json; charset=latin1', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']);
  return isArchive(title) ? 'application/x-tar' : 'application/json';
}

function isArchive(title: string): boolean {
  return /^(PUT .*archive|POST \/images\/(load|create)|POST \/build$|POST \/plugins\/create)/.test(title);
}

function bodyOf(operation: Operation, { definitions }: Description, chance: Chance): Uint8Array | undefined {
  if (isArchive(operation.title)) return archiveOf(operation.title, chance);
  const parameter = operation.parameters.find((each) => each.in === 'body');
  if (parameter?.schema === undefined) return chance.percent(3) ? Buffer.from('{"unexpected":true}') : undefined;
  if (chance.percent(3)) return chance.pick([undefined, Buffer.alloc(0), Buffer.alloc(5 << 20, 0x20)]);
  const text = JSON.stringify(makeValue(parameter.schema, definitions, chance));
  return Buffer.from(chance.percent(12) ? spoil(text, chance) as string : text);
}

function archiveOf(title: string, chance: Chance): Uint8Array {
  const dockerfile = chance.pick(['FROM busybox\nENV A=1\n', 'FROM 127.0.0.1:1/x\n', 'NOSUCH\n', '', 'FROM busybox\nCOPY .. /\n', '# syntax=nonsense\nFROM busybox\n']);
  const whole = forgeTar(chance.pick([
    title === 'POST /build' ? [{ name: 'Dockerfile', data: dockerfile }] : [{ name: 'file', data: 'x'.repeat(chance.below(3000)) }],
    [{ name: '../out', data: 'x' }, { name: 'manifest.json', data: '[]' }], [{ name: 'link', type: '2', link: '../../x' }, { name: 'link/in', data: 'x' }], [{ name: 'manifest.json', data: '[{"Config":"x","Layers":["y"]}]' }], [{ name: 'a', size: 8 ** 10 }], [{ name: 'index.json', data: '{"schemaVersion":2,"manifests":[null]}' }], [],
  ]));
  switch (chance.below(6)) {
    case 0: return gzipSync(whole);
    case 1: return whole.subarray(0, chance.below(whole.length + 1));
    case 2: return Buffer.from('no archive');
    case 3: return Buffer.from([0x1f, 0x8b, 8, 0, ...Array.from({ length: 64 }, () => chance.below(256))]);
    default: return whole;
  }
}
