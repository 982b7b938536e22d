import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, resolveImport } from './imports.ts';

const of = (text: string) => importsOf({ path: 'src/a/b/c.ts', text });

test('finds every form of import', () => {
  const found = of([
    "import './effect.ts';",
    "import { a } from '#base/error.ts';",
    "import * as b from '../b.ts';",
    "import type { C } from './c-type.ts';",
    "import { type D } from './d.ts';",
    'import {\n  e,\n  type F,\n} from "./e.ts";',
    "export { g } from './g.ts';",
    "export * from './h.ts';",
    "export type { I } from './i.ts';",
    "const j = await import('./j.ts');",
    "import fs from 'node:fs';",
  ].join('\n'));
  assert.deepEqual(found.map(({ target }) => target), [
    'src/a/b/effect.ts', 'src/base/error.ts', 'src/a/b.ts', 'src/a/b/c-type.ts', 'src/a/b/d.ts', 'src/a/b/e.ts',
    'src/a/b/g.ts', 'src/a/b/h.ts', 'src/a/b/i.ts', 'src/a/b/j.ts', undefined,
  ]);
  assert.deepEqual(found.filter(({ typeOnly }) => typeOnly).map(({ target }) => target), ['src/a/b/c-type.ts', 'src/a/b/i.ts']);
  assert.deepEqual(found.map(({ line }) => line), [1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14]);
});

test('finds nothing in comments, strings, and other uses of the words', () => {
  assert.deepEqual(of([
    "// import './a.ts'",
    "/* export * from './b.ts' */",
    'const c = `import "./c.ts"`;',
    'const d = "import \'./d.ts\'";',
    'export const e = 1;',
    "x.import('./f.ts');",
    'import.meta.url;',
    'const g = await import(name);',
    "const h = { from: './h.ts' };",
  ].join('\n')), []);
});

test('an import attribute changes nothing', () => {
  assert.deepEqual(of("import a from './a.json' with { type: 'json' };").map(({ target }) => target), ['src/a/b/a.json']);
});

test('paths resolve from the file that imports', () => {
  assert.equal(resolveImport('src/a/b.ts', '../c/./d.ts'), 'src/c/d.ts');
  assert.equal(resolveImport('src/a/b.ts', '#net/x.ts'), 'src/net/x.ts');
  assert.equal(resolveImport('src/a/b.ts', 'node:fs'), undefined);
});
