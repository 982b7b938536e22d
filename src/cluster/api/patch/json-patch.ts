import type { Json } from '#base/json.ts';
import { same } from '../same.ts';
import { badRequest } from '../refusals.ts';
import { StatusError } from '../status.ts';
import { isObject } from './merge-patch.ts';

/** Upstream's bound (apiserver, pkg/endpoints/handlers/patch.go). */
const MOST_OPERATIONS = 10_000;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

type Node = Json[] | Record<string, Json>;

/** RFC 6902, on a copy. @throws StatusError 422 where an operation can't be done, with its place in the list */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  if (patch.length > MOST_OPERATIONS) throw new StatusError('too-large', `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${patch.length}`);
  const holder: { root: Json } = { root: structuredClone(target) };
  patch.forEach((operation: Json, at) => {
    if (!isObject(operation) || typeof operation['op'] !== 'string' || typeof operation['path'] !== 'string') throw badRequest(`operation ${at} of the JSON patch has no op and path`);
    applyOne(holder, operation as unknown as Operation, at);
  });
  return holder.root;
}

function applyOne(holder: { root: Json }, { op, path, from, value }: Operation, at: number): void {
  const fail = (why: string): StatusError => new StatusError('invalid', `the server rejected our request due to an error in our request: operation ${at} (${op} ${path}): ${why}`, { code: 422, reason: 'Invalid' });
  switch (op) {
    case 'add': add(holder, path, need(value, fail), fail); return;
    case 'remove': remove(holder, path, fail); return;
    case 'replace': remove(holder, path, fail); add(holder, path, need(value, fail), fail); return;
    case 'move': add(holder, path, remove(holder, from ?? '', fail), fail); return;
    case 'copy': add(holder, path, structuredClone(read(holder.root, pointer(from ?? '', fail), fail)), fail); return;
    case 'test':
      if (!same(read(holder.root, pointer(path, fail), fail), need(value, fail))) throw fail('the value is another');
      return;
    default: throw fail('there is no such operation');
  }
}

type Fail = (why: string) => StatusError;

function need(value: Json | undefined, fail: Fail): Json {
  if (value === undefined) throw fail('it has no value');
  return value;
}

/** RFC 6901. */
function pointer(path: string, fail: Fail): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw fail('a path begins with /');
  return path.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(root: Json, parts: readonly string[], fail: Fail): Json {
  let at: Json = root;
  for (const part of parts) {
    const next: Json | undefined = Array.isArray(at) ? (at as Json[])[indexOf(part, at.length - 1, fail)] : isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
    if (next === undefined) throw fail(`there is no ${part}`);
    at = next;
  }
  return at;
}

function indexOf(part: string, last: number, fail: Fail): number {
  if (!/^(0|[1-9]\d*)$/.test(part) || Number(part) > last) throw fail(`${part} is no index of the list`);
  return Number(part);
}

function parentOf(holder: { root: Json }, path: string, fail: Fail): { node: Node; key: string } | undefined {
  const parts = pointer(path, fail);
  const key = parts.pop();
  if (key === undefined) return undefined;
  const node = read(holder.root, parts, fail);
  if (!Array.isArray(node) && !isObject(node)) throw fail('it lies in what is no object and no list');
  return { node: node as Node, key };
}

function add(holder: { root: Json }, path: string, value: Json, fail: Fail): void {
  const parent = parentOf(holder, path, fail);
  if (parent === undefined) holder.root = value;
  else if (Array.isArray(parent.node)) parent.node.splice(parent.key === '-' ? parent.node.length : indexOf(parent.key, parent.node.length, fail), 0, value);
  else Object.defineProperty(parent.node, parent.key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(holder: { root: Json }, path: string, fail: Fail): Json {
  const parent = parentOf(holder, path, fail);
  if (parent === undefined) {
    const { root } = holder;
    holder.root = null;
    return root;
  }
  const { node, key } = parent;
  if (Array.isArray(node)) return node.splice(indexOf(key, node.length - 1, fail), 1)[0] ?? null;
  if (!Object.hasOwn(node, key)) throw fail(`there is no ${key}`);
  const value = node[key] ?? null;
  delete node[key];
  return value;
}
