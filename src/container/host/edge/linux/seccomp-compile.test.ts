import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { compileSeccomp, type OciSeccomp, type OciSeccompArgument } from './seccomp-compile.ts';

const hasLibrary = ['x86_64', 'aarch64'].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/libseccomp.so.2`));
const skip = process.arch !== 'x64' ? 'expects x86-64' : hasLibrary ? false : 'needs libseccomp2';

const NATIVE: OciSeccomp = { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38, architectures: ['SCMP_ARCH_X86_64'] };
const RET = 0x06;
const JEQ = 0x15;
const ALLOW = 0x7fff0000;

const allow = (name: string, ...args: readonly OciSeccompArgument[]): OciSeccomp =>
  ({ ...NATIVE, syscalls: [{ names: [name], action: 'SCMP_ACT_ALLOW', args }] });

/** Opcode and operand of each instruction (struct sock_filter). */
function instructions(profile: OciSeccomp): readonly { code: number; k: number }[] {
  const bytes = Buffer.from(compileSeccomp(profile));
  return Array.from({ length: bytes.length / 8 }, (_, index) => ({ code: bytes.readUInt16LE(index * 8), k: bytes.readUInt32LE(index * 8 + 4) }));
}

const returns = (profile: OciSeccomp): readonly number[] => instructions(profile).filter(({ code }) => code === RET).map(({ k }) => k);
const compares = (profile: OciSeccomp): readonly number[] => instructions(profile).filter(({ code }) => code === JEQ).map(({ k }) => k);

test('the default, the rule and the foreign architecture each have their return', { skip }, () => {
  const KILL_THREAD = 0;
  assert.deepEqual(new Set(returns(allow('read'))), new Set([ALLOW, 0x50000 | 38, KILL_THREAD]));
  assert.ok(returns({ ...NATIVE, syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }] }).includes(0x50000 | 13));
  const EM_X86_64 = 0xc000003e;
  assert.ok(compares(allow('read')).includes(EM_X86_64));
});

test('arguments: one condition, alternatives about the same one, and the largest number', { skip }, () => {
  const equals = (index: number, value: number): OciSeccompArgument => ({ index, value, op: 'SCMP_CMP_EQ' });
  assert.ok(compares(allow('socket', equals(0, 7))).includes(7));
  const both = compares(allow('socket', equals(0, 7), equals(0, 9)));
  assert.ok(both.includes(7) && both.includes(9));
  assert.ok(compares(allow('socket', equals(0, 2 ** 64))).includes(0xffffffff));
});

test('what says nothing new or names an unknown call is left out', { skip }, () => {
  const empty = compileSeccomp(NATIVE);
  assert.deepEqual(compileSeccomp(allow('no_such_call')), empty);
  assert.deepEqual(compileSeccomp({ ...NATIVE, syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }] }), empty);
});

test('profiles that make no sense are refused', { skip }, () => {
  const condition = { index: 0, value: 0, op: 'SCMP_CMP_EQ' };
  const wrong: readonly OciSeccomp[] = [
    { ...NATIVE, architectures: ['SCMP_ARCH_PDP11'] },
    { ...NATIVE, defaultAction: 'SCMP_ACT_NONE' },
    { ...NATIVE, defaultAction: 'toString' },
    allow('read', { ...condition, index: 6 }),
    allow('read', { ...condition, op: 'constructor' }),
    allow('read', { ...condition, value: -1 }),
    allow('read', { ...condition, value: 1.5 }),
    allow('read', { ...condition, value: 2 ** 60 + 2 ** 12 + 1e40 }),
  ];
  for (const profile of wrong) assert.throws(() => compileSeccomp(profile), { kind: 'invalid' }, JSON.stringify(profile));
});
