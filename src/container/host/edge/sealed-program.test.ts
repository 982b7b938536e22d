import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SealedProgram } from './sealed-program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gantry-sealed-'));
after(() => rmSync(scratch, { recursive: true }));

test('a sealed program runs, nobody can write to it, and it is made once', () => {
  const original = join(scratch, 'echo');
  copyFileSync('/bin/echo', original);
  const program = new SealedProgram(original);
  const { path } = program;
  assert.match(path, /^\/proc\/\d+\/fd\/\d+$/);
  assert.equal(execFileSync(path, ['said']).toString(), 'said\n');
  assert.deepEqual(readFileSync(path), readFileSync(original));
  assert.throws(() => writeFileSync(path, 'x'), { code: 'EPERM' });
  assert.throws(() => writeFileSync(path, 'x', { flag: 'r+' }), { code: 'EPERM' });
  assert.equal(program.path, path);
});

test('after an upgrade the new one runs, and what cannot be copied runs as it is', () => {
  const original = join(scratch, 'program');
  const write = (word: string): void => {
    rmSync(original, { force: true });
    writeFileSync(original, `#!/bin/sh\necho ${word}\n`);
    chmodSync(original, 0o755);
  };
  write('old');
  const program = new SealedProgram(original);
  assert.match(readFileSync(program.path, 'utf8'), /old/);
  write('newer');
  assert.match(readFileSync(program.path, 'utf8'), /newer/);
  assert.equal(new SealedProgram('/none').path, '/none');
});
