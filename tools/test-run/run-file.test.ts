import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runFile } from './run-file.ts';

function write(t: TestContext, text: string): string {
  const root = mkdtempSync(join(tmpdir(), 'gantry-run-file-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'x.test.ts'), `import { describe, test } from 'node:test';\n${text}`);
  return root;
}

test('counts what passes, fails and is skipped, with full names and reasons', async (t) => {
  const root = write(t, `
    describe('s', () => {
      test('good', () => {});
      test('bad', () => { throw new Error('boom'); });
      test('not here', { skip: 'needs a moon' }, () => {});
    });
    test('last', () => {});`);
  const { passed, failures, skips } = await runFile('x.test.ts', { root, timeoutMs: 20_000 });
  assert.equal(passed, 2);
  assert.deepEqual(failures.map(({ name }) => name), ['s > bad']);
  assert.match(failures[0]?.detail ?? '', /boom/);
  assert.deepEqual(skips, [{ name: 's > not here', reason: 'needs a moon' }]);
});

test('a file that hangs is stopped and fails', async (t) => {
  const root = write(t, "test('good', () => {}); setInterval(() => {}, 1000); console.log('waiting');");
  const { passed, failures } = await runFile('x.test.ts', { root, timeoutMs: 1000 });
  assert.equal(passed, 1);
  assert.match(failures[0]?.name ?? '', /did not end within/);
  assert.match(failures[0]?.detail ?? '', /waiting/);
});

test('a file that does not load fails with what it printed', async (t) => {
  const root = write(t, "import './missing.ts';");
  const { failures } = await runFile('x.test.ts', { root, timeoutMs: 20_000 });
  assert.equal(failures.length, 1);
  assert.match(failures[0]?.detail ?? '', /missing\.ts/);
});
