import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bannedCalls } from './banned-calls.ts';
import { barrels } from './barrels.ts';
import { deadFiles } from './dead-files.ts';
import { defaultExports } from './default-exports.ts';
import { edgeImports } from './edge-imports.ts';
import { fileSize } from './file-size.ts';
import { folderNames } from './folder-names.ts';
import { importCycles } from './import-cycles.ts';
import { importTable } from './import-table.ts';
import { machinePaths } from './machine-paths.ts';
import { markdownTitle } from './markdown-title.ts';
import { moduleLet } from './module-let.ts';
import { planFiles } from './plan-files.ts';
import { privateFiles } from './private-files.ts';
import { roomReadmes } from './room-readmes.ts';
import { renderViolation, type Check } from './source-file.ts';

/** Each check, with files that it lets pass, and files on which it bites, with what it says. */
interface Case {
  readonly check: Check;
  readonly good: Readonly<Record<string, string>>;
  readonly bad: readonly (readonly [path: string, text: string, says: RegExp])[];
}

const home = ['', 'home', 'jane', 'gantry'].join('/');
const lines = (count: number): string => 'x\n'.repeat(count);

const cases: Readonly<Record<string, Case>> = {
  'import table': {
    check: importTable,
    good: {
      'src/image/oci/a.ts': "import { b } from '#base/b.ts';\nimport { c } from './c.ts';",
      'src/compose/load.ts': "import { parseDocument } from 'yaml';",
      'src/image/oci/a.test.ts': "import fc from 'fast-check';\nimport test from 'node:test';",
      'src/base/b.test.ts': "import { debianSources } from '../../tools/test-run/debian-sources.ts';",
      'tools/run.ts': "import { b } from '../src/image/oci/a.ts';",
    },
    bad: [
      ['src/container/model/a.ts', "import type { B } from '#docker/b.ts';", /:1: imports src\/docker\/b\.ts: container\/ stands below docker\//],
      ['src/base/a.ts', "import { run } from '../../tools/run.ts';", /src\/ stands alone/],
      ['src/base/a.ts', "import { run } from '../../tools/test-run/run.ts';", /src\/ stands alone/],
      ['src/base/a.ts', "import x from 'left-pad';", /imports the package left-pad: src\/ has few dependencies/],
      ['src/base/a.ts', "import x from 'yaml';", /imports the package yaml, which only compose\//],
      ['src/docker/a.ts', "import { y } from '@bufbuild/protobuf/wire';", /imports the package @bufbuild\/protobuf, which only cluster\/kinds\//],
      ['src/misc/a.ts', '', /no wing/],
    ],
  },
  'edge imports': {
    check: edgeImports,
    good: {
      'src/main/daemon.ts': "import { h } from '#container/host/edge/linux/mount.ts';",
      'src/container/host/edge/linux/a.ts': "import { b } from '../b.ts';",
      'src/container/host/fake.test.ts': "import { b } from './edge/b.ts';",
    },
    bad: [
      ['src/container/host/a.ts', "import { b } from './edge/b.ts';", /take the port as an argument/],
      ['src/container/engine/edge/a.ts', "import { b } from '#container/host/edge/b.ts';", /take the port as an argument/],
      ['src/cli/a.ts', "import { b } from '#docker/edge/b.ts';", /take the port as an argument/],
    ],
  },
  'import cycles': {
    check: importCycles,
    good: { 'src/base/a.ts': "import type { B } from './b.ts';", 'src/base/b.ts': "import { a } from './a.ts';" },
    bad: [['src/base/a.ts', "import { a } from './a.ts';", /imports itself by src\/base\/a\.ts -> src\/base\/a\.ts/]],
  },
  'file size': {
    check: (files) => fileSize(files, { median: 3, p95: 5, cap: 9 }, {}),
    good: { 'src/a.ts': lines(3), 'src/b.ts': lines(2), 'notes.md': lines(50) },
    bad: [
      ['src/a.ts', lines(10), /10 lines, above 9/],
      ['src/a.ts', lines(4), /the median of all files is 4 lines, above 3/],
      ['src/a.ts', lines(6), /the 95th percentile of all files is 6 lines, above 5/],
    ],
  },
  'banned calls': {
    check: bannedCalls,
    good: {
      'src/base/a.ts': "const t = new Date(0); // Date.now()\nconst p = spec.process.cwd; const process = p; process.args; process.pid; process.stdin; throw new GantryError('x');",
      'src/base/edge/b.ts': 'Date.now(); setTimeout(f, 1); process.exit(1); Buffer.alloc(1);',
      'src/base/c.test.ts': "throw new Error('x'); Date.now();",
      'src/base/contract.ts': "import { test } from 'node:test';",
      'src/base/contract/part.ts': "import assert from 'node:assert/strict';",
    },
    bad: [
      ['src/base/a.ts', 'f();\nDate.now();', /:2: Date\.now is banned here: take a Clock/],
      ['src/base/a.ts', 'new Date();', /new Date\(\) is banned here: take a Clock/],
      ['src/base/a.ts', 'new Date;', /new Date\(\) is banned here/],
      ['src/base/a.ts', 'performance.now();', /take a Clock/],
      ['src/base/a.ts', 'Math.random();', /take a Random/],
      ['src/base/a.ts', 'setTimeout(f, 1);', /take Timers/],
      ['src/base/a.ts', 'process.exit(1);', /only main\/ and cli\/ see the process/],
      ['src/base/a.ts', 'Buffer.from(x);', /use Uint8Array/],
      ['src/base/a.ts', "import { readFile } from 'node:fs';", /node:fs in sealed code/],
      ['src/base/edge/a.ts', "throw new Error('x');", /throw a GantryError/],
    ],
  },
  'plan files': {
    check: planFiles,
    good: { 'src/compose/plan.ts': 'const step = { async: false }; // await', 'src/compose/edge/apply.ts': 'await f();' },
    bad: [
      ['src/compose/plan.ts', 'export async function plan() {}', /async in a plan file: observe first/],
      ['src/compose/plan.ts', 'x = await f();', /await in a plan file/],
    ],
  },
  'dead files': {
    check: (files) => deadFiles(files, { 'tools/run.ts': 'started' }, {}),
    good: {
      'src/main/cli.ts': "import '#base/a.ts';", 'src/base/a.ts': '', 'src/base/a.test.ts': "import './a.ts';", 'tools/run.ts': '',
      'test/run.test.ts': "import './scene.ts';", 'test/scene.ts': '',
    },
    bad: [['src/base/a.ts', '', /imported by nothing but its own test/]],
  },
  'folder names': {
    check: folderNames,
    good: { 'src/image/oci/testdata/rootfs/lib/x.ts': '', 'src/base/lib.ts': '' },
    bad: [['src/base/utils/x.ts', '', /a folder named utils/]],
  },
  'module-level let': {
    check: moduleLet,
    good: { 'src/base/a.ts': 'const a = 1;\nfunction f() { let b = "{"; }\nconst g = { let: 1 };', 'tools/a.ts': 'let a = 1;' },
    bad: [
      ['src/base/a.ts', 'const x = "}";\nexport let a = 1;', /:2: a variable of the module/],
      ['src/base/a.ts', 'var a = 1;', /a variable of the module/],
    ],
  },
  barrels: {
    check: barrels,
    good: { 'src/base/a.ts': "export { b } from './b.ts';\nexport const c = 1;", 'src/base/d.ts': "import './e.ts';" },
    bad: [['src/base/a.ts', "// All of it.\nexport * from './b.ts';\nexport { c, type D } from './c.ts';\n", /only re-exports/]],
  },
  'default exports': {
    check: defaultExports,
    good: { 'src/base/a.ts': 'export const a = 1; // export default\nswitch (a) { default: }' },
    bad: [
      ['src/base/a.ts', 'export default 1;', /give it a name/],
      ['src/base/a.ts', 'export { a as default };', /give it a name/],
    ],
  },
  'private files': {
    check: privateFiles,
    good: { 'src/image/oci/a/b.ts': "import '../_tar.ts';", 'tools/task/test.ts': "import './_stage.ts';" },
    bad: [
      ['src/image/registry/a.ts', "import '#image/oci/_tar.ts';", /private to image\/oci/],
      ['tools/run.ts', "import './task/_stage.ts';", /private to tools\/task/],
    ],
  },
  'room READMEs': {
    check: roomReadmes,
    good: { 'src/image/oci/a.ts': '', 'src/image/oci/README.md': '' },
    bad: [['src/image/blob/a.ts', '', /^src\/image\/blob\/README\.md: is missing/]],
  },
  'machine paths': {
    check: (files) => machinePaths(files, ['/build/gantry']),
    good: { 'docs/a.md': 'WORKDIR /home/app/, /build/gantry-x, /x/build/gantry, /home/USER/' },
    bad: [
      ['docs/a.md', `see\n${home}/x`, /:2: names \/home\/jane\//],
      ['src/base/a.ts', "open('/build/gantry/x')", /names \/build\/gantry,/],
    ],
  },
  'markdown title': {
    check: markdownTitle,
    good: { 'a.md': '# One\n```sh\n# a comment\n```\n## Two\n' },
    bad: [
      ['a.md', 'text\n', /has 0 titles/],
      ['a.md', '# One\n# Two\n', /has 2 titles/],
    ],
  },
};

for (const [name, { check, good, bad }] of Object.entries(cases)) {
  describe(name, () => {
    test('lets good files pass', () => {
      assert.deepEqual(check(Object.entries(good).map(([path, text]) => ({ path, text }))), []);
    });
    for (const [path, text, says] of bad) {
      test(`bites: ${text.slice(0, 50).replaceAll('\n', ' ') || path}`, () => {
        assert.match(check([{ path, text }]).map(renderViolation).join('\n'), says);
      });
    }
  });
}

test('a cycle of several files is printed whole', () => {
  const files = [['a', 'b'], ['b', 'c'], ['c', 'a']].map(([from, to]) => ({ path: `src/base/${from}.ts`, text: `import './${to}.ts';` }));
  assert.match(importCycles(files)[0]?.message ?? '', /a\.ts -> src\/base\/b\.ts -> src\/base\/c\.ts -> src\/base\/a\.ts/);
});

test('an exception that is not needed any more is refused', () => {
  const files = [{ path: 'src/base/a.ts', text: "import './b.ts';" }, { path: 'src/base/b.ts', text: '' }];
  assert.match(fileSize(files, undefined, { 'src/base/a.ts': 'a table' })[0]?.message ?? '', /needs no exception/);
  assert.match(deadFiles(files, { 'src/base/a.ts': 'started' }, { 'src/base/b': 'soon' })[0]?.message ?? '', /in use now/);
});
