import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALLOWED } from './allowed.ts';
import { seccompProfile, type SeccompInput, type SeccompMachine, type SeccompProfile } from './profile.ts';

const DEFAULT: SeccompInput = { architecture: 'amd64', capabilities: ['CAP_CHOWN', 'CAP_SYS_CHROOT'], kernelVersion: '6.1.0-18-amd64' };
const CAPABILITIES = ['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_DAC_READ_SEARCH', 'CAP_PERFMON', 'CAP_SYSLOG', 'CAP_SYS_BOOT', 'CAP_SYS_CHROOT',
  'CAP_SYS_MODULE', 'CAP_SYS_NICE', 'CAP_SYS_PACCT', 'CAP_SYS_PTRACE', 'CAP_SYS_RAWIO', 'CAP_SYS_TIME', 'CAP_SYS_TTY_CONFIG'];
const inputs = fc.record({
  architecture: fc.constantFrom<SeccompMachine>('amd64', 'arm64', 'riscv64', 's390x'),
  capabilities: fc.subarray(CAPABILITIES),
  kernelVersion: fc.constantFrom('4.4.0', '4.8.0-rc1', '5.10.0', '6.18.44'),
}, { noNullPrototype: true });

const rulesFor = (profile: SeccompProfile, name: string) => profile.syscalls.filter((rule) => rule.names.includes(name));
const allows = (profile: SeccompProfile, name: string): boolean => rulesFor(profile, name).some((rule) => rule.action === 'SCMP_ACT_ALLOW' && rule.args === undefined);

test('361 calls are open to all, each listed once', () => {
  const names = ALLOWED.flatMap((group) => group.names);
  assert.equal(names.length, 361);
  assert.equal(new Set(names).size, 361);
});

test('refusal is the default, with EPERM', () => {
  const profile = seccompProfile(DEFAULT);
  assert.equal(profile.defaultAction, 'SCMP_ACT_ERRNO');
  assert.equal(profile.defaultErrnoRet, 1);
  assert.deepEqual(profile.architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
});

test('never open without a capability: what reaches past the container', () => {
  const never = ['io_uring_setup', 'io_uring_enter', 'keyctl', 'add_key', 'request_key', 'userfaultfd', 'kexec_load', 'kexec_file_load',
    'swapon', 'pivot_root', 'nfsservctl', 'vm86', 'move_pages', 'quotactl', 'create_module', 'uselib'];
  const guarded = ['mount', 'umount2', 'setns', 'unshare', 'bpf', 'perf_event_open', 'open_by_handle_at', 'reboot', 'init_module', 'acct',
    'iopl', 'clock_settime', 'fsopen', 'move_mount', 'mount_setattr', 'kcmp', 'pidfd_getfd'];
  const profile = seccompProfile({ ...DEFAULT, capabilities: [] });
  for (const name of [...never, ...guarded]) assert.deepEqual(rulesFor(profile, name), [], name);
  const everything = seccompProfile({ ...DEFAULT, capabilities: CAPABILITIES });
  for (const name of guarded) assert.ok(allows(everything, name), name);
  for (const name of never.slice(0, 10)) assert.deepEqual(rulesFor(everything, name), [], name);
});

test('sockets of every family but AF_ALG and AF_VSOCK', () => {
  const rules = rulesFor(seccompProfile(DEFAULT), 'socket').flatMap((rule) => rule.args ?? []);
  const isAllowed = (family: number): boolean => rules.some(({ op, value }) =>
    op === 'SCMP_CMP_LT' ? family < value : op === 'SCMP_CMP_GT' ? family > value : family === value);
  assert.deepEqual(Array.from({ length: 46 }, (_, family) => family).filter((family) => !isAllowed(family)), [38, 40]);
});

test('clone without new namespaces, clone3 not at all, unless the container is trusted with them', () => {
  const profile = seccompProfile(DEFAULT);
  assert.deepEqual(rulesFor(profile, 'clone'), [{ names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }] }]);
  assert.deepEqual(rulesFor(profile, 'clone3'), [{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }]);
  assert.equal(rulesFor(seccompProfile({ ...DEFAULT, architecture: 's390x' }), 'clone')[0]?.args?.[0]?.index, 1);
  const trusted = seccompProfile({ ...DEFAULT, capabilities: ['CAP_SYS_ADMIN'] });
  assert.ok(allows(trusted, 'clone') && allows(trusted, 'clone3'));
  assert.equal(rulesFor(trusted, 'clone3').length, 1);
});

test('ptrace is open from Linux 4.8 on, before that with its capability', () => {
  assert.ok(allows(seccompProfile({ ...DEFAULT, kernelVersion: '4.8' }), 'ptrace'));
  assert.ok(allows(seccompProfile({ ...DEFAULT, kernelVersion: '10.0' }), 'ptrace'));
  assert.ok(!allows(seccompProfile({ ...DEFAULT, kernelVersion: '4.7.10' }), 'ptrace'));
  assert.ok(!allows(seccompProfile({ ...DEFAULT, kernelVersion: 'unknown' }), 'ptrace'));
  assert.ok(allows(seccompProfile({ ...DEFAULT, kernelVersion: '4.4', capabilities: ['CAP_SYS_PTRACE'] }), 'ptrace'));
});

test('never takes away: a further capability opens calls and closes none', () => {
  fc.assert(fc.property(inputs, fc.constantFrom(...CAPABILITIES), (input, capability) => {
    const open = (profile: SeccompProfile) => new Set(profile.syscalls.filter((rule) => rule.args === undefined && rule.action === 'SCMP_ACT_ALLOW').flatMap((rule) => rule.names));
    const more = open(seccompProfile({ ...input, capabilities: [...input.capabilities, capability] }));
    assert.ok(open(seccompProfile(input)).isSubsetOf(more));
  }));
});

test('the order of capabilities does not change the profile', () => {
  fc.assert(fc.property(inputs, (input) => {
    assert.deepEqual(seccompProfile({ ...input, capabilities: input.capabilities.toReversed() }), seccompProfile(input));
  }));
});

test('an image without 32-bit programs can do without their ABI', () => {
  assert.deepEqual(seccompProfile({ ...DEFAULT, foreignAbi: 'refuse' }).architectures, ['SCMP_ARCH_X86_64']);
});
