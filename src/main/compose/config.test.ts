import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

test('a project may come from standard input', () => {
  const cli = new URL('../cli.ts', import.meta.url).pathname;
  const input = 'name: piped\nservices: {a: {image: x}}\n';
  const config = (...more: string[]): string => execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', cli, 'compose', '-f', '-', 'config', ...more], { input, encoding: 'utf8' });
  assert.match(config(), /^name: piped\nservices:\n  a:\n    image: x\n/);
  assert.equal(config('--services'), 'a\n');
});
