import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkModule } from './link-module.ts';

const links = { imported: (specifier: string) => `got(${JSON.stringify(specifier)})`, awaited: (specifier: string) => `later(${JSON.stringify(specifier)})`, url: 'file:///a/module.ts' };
const link = (code: string): string => linkModule(code, links);
const run = (code: string, values: Readonly<Record<string, unknown>> = {}): unknown =>
  (new Function('got', 'later', link(code)) as (got: (name: string) => unknown, later: (name: string) => unknown) => unknown)((name) => values[name], (name) => Promise.resolve(values[name]));

test('imports become assignments, and exports what the function returns', () => {
  const exports = run([
    "import { one, two as other } from './numbers.ts';",
    "import {\n  one as first,\n} from './numbers.ts';",
    "import * as all from './numbers.ts';",
    "import fs from 'node:fs';",
    'export const sum = one + other + first;',
    'export function add(a, b) { return a + b; }',
    'export class Box { all = all; fs = fs; }',
    'export async function* none() {}',
  ].join('\n'), { './numbers.ts': { one: 1, two: 2 }, 'node:fs': 'files' }) as { sum: number; add: (a: number, b: number) => number; Box: new () => { all: unknown; fs: unknown } };
  assert.equal(exports.sum, 4);
  assert.equal(exports.add(2, 3), 5);
  assert.deepEqual({ ...new exports.Box() }, { all: { one: 1, two: 2 }, fs: 'files' });
  assert.deepEqual(Object.keys(exports), ['sum', 'add', 'Box', 'none']);
});

test('an import that waits, and the place of the module', async () => {
  const { load, place } = run("export const load = () => import('./late.ts');\nexport const place = () => new URL('..', import.meta.url).href;", { './late.ts': 'late' }) as { load: () => Promise<string>; place: () => string };
  assert.equal(await load(), 'late');
  assert.equal(place(), 'file:///');
});

test('a form that is not known is refused, not guessed', () => {
  for (const code of ['export default 1;', 'export { a };', "export * from './a.ts';", 'export let a = 1;', 'export const { a, b } = c;', 'import a, { b } from "./c.ts";', 'const here = import.meta.dirname;']) {
    assert.throws(() => link(code), (error: Error) => error instanceof SyntaxError && error.message.startsWith('file:///a/module.ts: no bundle is made of '), code);
  }
});
