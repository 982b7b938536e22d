import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canRun } from './emulator.ts';

/** As Linux shows what qemu-user-static registers. */
const arm64 = 'enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: POCF\noffset 0\nmagic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n';
const s390x = 'enabled\ninterpreter /usr/bin/qemu-s390x-static\nflags: OCF\noffset 0\nmagic 7f454c4602020100000000000000000000020016\nmask ffffffffffffff00fffffffffffffffffffeffff\n';
const python = 'enabled\ninterpreter /usr/bin/python3.11\nflags: \noffset 0\nmagic a70d0d0a\n';

const cases: readonly (readonly [what: string, wanted: string, host: string, handlers: readonly string[], expected: boolean])[] = [
  ['its own', 'amd64', 'amd64', [], true],
  ['what the processor runs too', '386', 'amd64', [], true],
  ['another without an emulator', 'arm64', 'amd64', [], false],
  ['another with its emulator', 'arm64', 'amd64', [python, s390x, arm64], true],
  ['another with the emulator of a third', 'arm64', 'amd64', [s390x, python], false],
  ['in the other byte order', 's390x', 'amd64', [arm64, s390x], true],
  ['little-endian where big is emulated', 'ppc64le', 'amd64', [s390x], false],
  ['an emulator that is switched off', 'arm64', 'amd64', [arm64.replace('enabled', 'disabled')], false],
  ['one that nobody knows', 'toString', 'amd64', [], true],
];
for (const [what, wanted, host, handlers, expected] of cases) {
  test(`${what} ${expected ? 'can run' : 'can not run'}`, () => assert.equal(canRun(wanted, host, handlers), expected));
}
