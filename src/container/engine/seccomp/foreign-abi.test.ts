import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { compileSeccomp } from '#container/host/edge/linux/seccomp-compile.ts';
import { seccompProfile } from './profile.ts';

/* What the compiled filter answers to the calls of each ABI that an x86-64 kernel speaks: the filter is run here, as the kernel runs it. */

const hasLibrary = existsSync('/usr/lib/x86_64-linux-gnu/libseccomp.so.2');
const skip = process.arch !== 'x64' ? 'expects x86-64' : hasLibrary ? false : 'needs libseccomp2';

const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'].map((name) => `CAP_${name}`);
/** linux/audit.h */
const [X86_64, I386, AARCH64] = [0xc000003e, 0x40000003, 0xc00000b7];
/** asm/unistd.h: what x32 adds to its numbers. */
const X32 = 0x40000000;
const [ALLOW, EPERM, ENOSYS, KILL_THREAD] = [0x7fff0000, 0x50000 | 1, 0x50000 | 38, 0];

/** A filter (struct sock_filter[]) on a call (struct seccomp_data), with the instructions that libseccomp makes. */
const answer = (filter: Uint8Array, arch: number, number: number, args: readonly number[] = []): number => run(filter, arch, number, args).answer;

function run(filter: Uint8Array, arch: number, number: number, args: readonly number[]): { answer: number; instructions: number } {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch >>> 0, 4);
  args.forEach((value, index) => data.writeBigUInt64LE(BigInt(value), 16 + index * 8));
  const code = Buffer.from(filter);
  let accumulator = 0;
  let instructions = 0;
  for (let at = 0; ; at += 1) {
    instructions += 1;
    const [operation, yes, no, operand] = [code.readUInt16LE(at * 8), code.readUInt8(at * 8 + 2), code.readUInt8(at * 8 + 3), code.readUInt32LE(at * 8 + 4)];
    switch (operation) {
      case 0x20: accumulator = data.readUInt32LE(operand); break;
      case 0x54: accumulator = (accumulator & operand) >>> 0; break;
      case 0x05: at += operand; break;
      case 0x15: at += accumulator === operand ? yes : no; break;
      case 0x25: at += accumulator > operand ? yes : no; break;
      case 0x35: at += accumulator >= operand ? yes : no; break;
      case 0x06: return { answer: operand, instructions };
      default: assert.fail(`an instruction that this reader does not know: ${operation}`);
    }
  }
}

const filterFor = (foreignAbi: 'allow' | 'refuse'): Uint8Array => compileSeccomp(seccompProfile({ architecture: 'amd64', capabilities: CAPABILITIES, kernelVersion: '6.1', foreignAbi }));
const NEW_USER = 0x10000000;
const [AF_INET, AF_ALG, AF_VSOCK] = [2, 38, 40];

/** Numbers of x86-64 and i386 (arch/x86/entry/syscalls/), arguments, and what Docker's profile says to them. x32 has those of x86-64, but for a few. */
const CALLS: readonly (readonly [name: string, x86_64: number, i386: number, answer: number, args?: readonly number[]])[] = [
  ['getpid', 39, 20, ALLOW], ['openat2', 437, 437, ALLOW], ['futex', 202, 240, ALLOW], ['gettid', 186, 224, ALLOW],
  ['mount', 165, 21, EPERM], ['umount2', 166, 52, EPERM], ['unshare', 272, 310, EPERM, [NEW_USER]], ['setns', 308, 346, EPERM], ['bpf', 321, 357, EPERM], ['keyctl', 250, 288, EPERM], ['add_key', 248, 286, EPERM],
  ['io_uring_setup', 425, 425, EPERM], ['userfaultfd', 323, 374, EPERM], ['perf_event_open', 298, 336, EPERM], ['open_by_handle_at', 304, 342, EPERM], ['kexec_load', 246, 283, EPERM], ['init_module', 175, 128, EPERM], ['reboot', 169, 88, EPERM],
  ['clone3', 435, 435, ENOSYS], ['clone, plain', 56, 120, ALLOW, [17]], ['clone, a user namespace', 56, 120, EPERM, [NEW_USER | 17]],
  ['personality, the plain one', 135, 136, ALLOW, [0]], ['personality, without randomisation', 135, 136, EPERM, [0x0040000]],
  ['socket AF_INET', 41, 359, ALLOW, [AF_INET]], ['socket AF_ALG', 41, 359, EPERM, [AF_ALG]], ['socket AF_VSOCK', 41, 359, EPERM, [AF_VSOCK]],
];

test('each ABI of the machine is answered as the others are', { skip }, () => {
  const filter = filterFor('allow');
  for (const [name, native, old, expected, args] of CALLS) {
    assert.equal(answer(filter, X86_64, native, args), expected, `x86-64 ${name}`);
    assert.equal(answer(filter, I386, old, args), expected, `i386 ${name}`);
    assert.equal(answer(filter, X86_64, X32 | native, args), expected, `x32 ${name}`);
  }
});

test('calls whose numbers x32 has for itself', { skip }, () => {
  const filter = filterFor('allow');
  for (const [name, number, expected] of [['rt_sigaction', 512, ALLOW], ['rt_sigreturn', 513, ALLOW], ['execve', 520, ALLOW], ['kexec_load', 528, EPERM], ['vmsplice', 532, ALLOW]] as const) assert.equal(answer(filter, X86_64, X32 | number), expected, name);
});

test('calls that only i386 has', { skip }, () => {
  const filter = filterFor('allow');
  // The family is behind a pointer there, so Docker's profile lets it pass.
  for (const [name, number] of [['socketcall', 102], ['fcntl64', 221], ['_llseek', 140], ['chown32', 212], ['clock_gettime64', 403], ['waitpid', 7]] as const) assert.equal(answer(filter, I386, number, [1]), ALLOW, name);
  for (const [name, number] of [['vm86', 166], ['umount', 22], ['stime', 25], ['uselib', 86]] as const) assert.equal(answer(filter, I386, number), EPERM, name);
});

test('an ABI that is refused, or of another machine, is not served at all', { skip }, () => {
  const native = filterFor('refuse');
  for (const [name, number, old, expected, args] of CALLS) {
    assert.equal(answer(native, X86_64, number, args), expected, name);
    assert.equal(answer(native, I386, old, args), KILL_THREAD, `i386 ${name}`);
    assert.notEqual(answer(native, X86_64, X32 | number, args), ALLOW, `x32 ${name}`);
  }
  assert.equal(answer(filterFor('allow'), AARCH64, 172), KILL_THREAD);
});

test('a number is looked up by halves: hundreds of calls in a list cost half a millisecond of each start', { skip }, () => {
  const filter = filterFor('allow');
  for (const [name, native, old, , args = []] of CALLS) {
    assert.ok(run(filter, X86_64, native, args).instructions < 40, name);
    assert.ok(run(filter, I386, old, args).instructions < 40, `i386 ${name}`);
  }
});
