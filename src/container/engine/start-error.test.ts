import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { startError } from './start-error.ts';

const told = (message: string, program: string): string => startError(new GantryError('internal', message), program).message.replace(/^.*container init: /, '');

test('a program that is not there, or can not be run, is told as Docker tells it', () => {
  assert.equal(told('crun: executable file `nosuch` not found in $PATH: No such file or directory', 'nosuch'), 'exec: "nosuch": executable file not found in $PATH');
  assert.equal(told('crun: executable file `/no/such` not found: No such file or directory', '/no/such'), 'exec: "/no/such": stat /no/such: no such file or directory');
  assert.equal(told('crun: open executable: Operation not permitted', '/etc'), 'exec: "/etc": is a directory: permission denied');
  assert.equal(told('crun: open executable: Permission denied', '/etc/passwd'), 'exec: "/etc/passwd": permission denied');
});

test('a working directory that can not be one is told as Docker tells it, whatever its path', () => {
  assert.equal(told('chdir `/no/exec`: No such file or directory', 'sh'), 'chdir to cwd ("/no/exec") set in config.json failed: no such file or directory');
  assert.equal(told('chdir `/etc/passwd`: Not a directory', ''), 'chdir to cwd ("/etc/passwd") set in config.json failed: not a directory');
});

test('a program of no name is not found, though the runtime finds a directory', () => {
  assert.equal(told('crun: open executable: Operation not permitted', ''), 'exec: "": executable file not found in $PATH');
});

test('what is no fault of the program stays as it is', () => {
  assert.equal(told('mount `x` to `y`: No such file or directory', 'sh'), 'mount `x` to `y`: No such file or directory');
  assert.equal(told('mount `x` to `y`: No such file or directory', ''), 'mount `x` to `y`: No such file or directory');
});
