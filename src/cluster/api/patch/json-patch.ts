import type { Json } from '#base/json.ts';
import { same } from '../same.ts';
import { badRequest } from '../refusals.ts';
import { StatusError } from '../status.ts';
import { countedValues, MOST_VALUES } from '../value-count.ts';
import { isObject } from './merge-patch.ts';

/** Upstream's bound (apiserver, pkg/endpoints/handlers/patch.go). */
const MOST_OPERATIONS = 10_000;
/** Of JSON, that copies may add: a few that copy what those before them made would fill any memory (upstream's `AccumulatedCopySizeLimit`). */
const MOST_COPIED = 3 * 1024 * 1024;
/** Items of lists that may move to make room or to close it: some tens of milliseconds. */
const MOST_MOVED = 20_000_000;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

type Node = Json[] | Record<string, Json>;

/** A copy of the object on which the operations are done one after another, and what they have cost so far. */
interface Work {
  root: Json;
  copied: number;
  copiedValues: number;
  moved: number;
}

/** RFC 6902, on a copy. @throws StatusError 422 where an operation can't be done, with its place in the list */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  if (patch.length > MOST_OPERATIONS) throw new StatusError('too-large', `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${patch.length}`);
  const work: Work = { root: structuredClone(target), copied: 0, copiedValues: 0, moved: 0 };
  patch.forEach((operation: Json, at) => {
    if (!isObject(operation) || typeof operation['op'] !== 'string' || typeof operation['path'] !== 'string') throw badRequest(`operation ${at} of the JSON patch has no op and path`);
    applyOne(work, operation as unknown as Operation, at);
  });
  return work.root;
}

function applyOne(work: Work, { op, path, from, value }: Operation, at: number): void {
  const fail = (why: string): StatusError => new StatusError('invalid', `the server rejected our request due to an error in our request: operation ${at} (${op} ${path}): ${why}`, { code: 422, reason: 'Invalid' });
  switch (op) {
    case 'add': add(work, path, need(value, fail), fail); return;
    case 'remove': remove(work, path, fail); return;
    case 'replace': remove(work, path, fail); add(work, path, need(value, fail), fail); return;
    case 'move': add(work, path, remove(work, from ?? '', fail), fail); return;
    case 'copy': add(work, path, copied(work, from ?? '', fail), fail); return;
    case 'test':
      if (!same(read(work.root, pointer(path, fail), fail), need(value, fail))) throw fail('the value is another');
      return;
    default: throw fail('there is no such operation');
  }
}

type Fail = (why: string) => StatusError;

function copied(work: Work, from: string, fail: Fail): Json {
  const value = read(work.root, pointer(from, fail), fail);
  work.copiedValues += countedValues(value, MOST_VALUES - work.copiedValues, () => fail(`copies add more than ${MOST_VALUES} fields and items`));
  const text = JSON.stringify(value);
  work.copied += text.length;
  if (work.copied > MOST_COPIED) throw fail(`copies add more than ${MOST_COPIED} bytes`);
  return JSON.parse(text) as Json;
}

/** Cuts a list, or puts something into it. */
function spliced(work: Work, list: Json[], at: number, deleted: 0 | 1, ...added: readonly Json[]): Json | undefined {
  work.moved += list.length - at;
  if (work.moved > MOST_MOVED) throw new StatusError('too-large', `a JSON patch moves more than ${MOST_MOVED} items of lists`);
  return list.splice(at, deleted, ...added)[0];
}

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

function parentOf(work: Work, path: string, fail: Fail): { node: Node; key: string } | undefined {
  const parts = pointer(path, fail);
  const key = parts.pop();
  if (key === undefined) return undefined;
  const node = read(work.root, parts, fail);
  if (!Array.isArray(node) && !isObject(node)) throw fail('it lies in what is no object and no list');
  return { node: node as Node, key };
}

function add(work: Work, path: string, value: Json, fail: Fail): void {
  const parent = parentOf(work, path, fail);
  if (parent === undefined) work.root = value;
  else if (Array.isArray(parent.node)) spliced(work, parent.node, parent.key === '-' ? parent.node.length : indexOf(parent.key, parent.node.length, fail), 0, value);
  else Object.defineProperty(parent.node, parent.key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(work: Work, path: string, fail: Fail): Json {
  const parent = parentOf(work, path, fail);
  if (parent === undefined) {
    const { root } = work;
    work.root = null;
    return root;
  }
  const { node, key } = parent;
  if (Array.isArray(node)) return spliced(work, node, indexOf(key, node.length - 1, fail), 1) ?? null;
  if (!Object.hasOwn(node, key)) throw fail(`there is no ${key}`);
  const value = node[key] ?? null;
  delete node[key];
  return value;
}
