import type { SeccompArgument, SeccompMachine, SeccompRule } from './profile.ts';

/** Rules that hold only for some machines, kernels or capability sets. A field that is absent does not restrict. */
export interface ConditionalRules {
  readonly when: {
    readonly machines?: readonly SeccompMachine[];
    readonly capability?: string;
    readonly withoutCapability?: string;
    /** The oldest kernel: [major, minor]. */
    readonly kernel?: readonly [number, number];
  };
  readonly rules: readonly SeccompRule[];
}

const ADDRESS_FAMILY = { alg: 38, nfc: 39, vsock: 40 };

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET together. */
const NEW_NAMESPACE_FLAGS = 0x7e02_0000;

/** PER_LINUX, PER_LINUX32, each with and without UNAME26, and the query that changes nothing. */
const HARMLESS_PERSONALITIES = [0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

const ENOSYS = 38;
const CAP_SYS_ADMIN = 'CAP_SYS_ADMIN';

function allow(names: string, ...args: readonly SeccompArgument[]): SeccompRule {
  const rule = { names: names.trim().split(/\s+/), action: 'SCMP_ACT_ALLOW' } as const;
  return args.length === 0 ? rule : { ...rule, args };
}

/** Several rules for one call are alternatives: any that matches allows it. */
const FILTERED: readonly ConditionalRules[] = [
  // AF_ALG opens the kernel's crypto code (CVE-2026-31431), AF_VSOCK the hypervisor; neither is namespaced.
  {
    when: {},
    rules: [
      allow('socket', { index: 0, value: ADDRESS_FAMILY.alg, op: 'SCMP_CMP_LT' }),
      allow('socket', { index: 0, value: ADDRESS_FAMILY.nfc, op: 'SCMP_CMP_EQ' }),
      allow('socket', { index: 0, value: ADDRESS_FAMILY.vsock, op: 'SCMP_CMP_GT' }),
    ],
  },
  // Others, such as READ_IMPLIES_EXEC or ADDR_NO_RANDOMIZE, weaken the program's own defences.
  {
    when: {},
    rules: HARMLESS_PERSONALITIES.map((value) => allow('personality', { index: 0, value, op: 'SCMP_CMP_EQ' })),
  },
  // A new user namespace would give every capability inside it, and with them a wide surface of the kernel.
  {
    when: { withoutCapability: CAP_SYS_ADMIN, machines: ['amd64', 'arm64', 'riscv64'] },
    rules: [allow('clone', namespaceFlagsClear(0))],
  },
  { when: { withoutCapability: CAP_SYS_ADMIN, machines: ['s390x'] }, rules: [allow('clone', namespaceFlagsClear(1))] },
  // Its flags are behind a pointer, out of a filter's sight. ENOSYS makes libc fall back to clone; EPERM would not.
  { when: { withoutCapability: CAP_SYS_ADMIN }, rules: [{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS }] },
  // Until 4.8 a tracer could change the call after the filter had looked at it.
  { when: { kernel: [4, 8] }, rules: [allow('ptrace process_vm_readv process_vm_writev')] },
];

const OF_THE_MACHINE: readonly ConditionalRules[] = [
  { when: { machines: ['amd64'] }, rules: [allow('arch_prctl modify_ldt')] },
  {
    when: { machines: ['arm64'] },
    rules: [allow('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls')],
  },
  { when: { machines: ['riscv64'] }, rules: [allow('riscv_flush_icache')] },
  { when: { machines: ['s390x'] }, rules: [allow('s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr')] },
];

/** Who was given the capability shall be able to use it. */
const BY_CAPABILITY: readonly ConditionalRules[] = ([
  [CAP_SYS_ADMIN, `bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie
    lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open
    quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare`],
  ['CAP_BPF', 'bpf'],
  ['CAP_DAC_READ_SEARCH', 'open_by_handle_at'],
  ['CAP_PERFMON', 'perf_event_open'],
  ['CAP_SYSLOG', 'syslog'],
  ['CAP_SYS_BOOT', 'reboot'],
  ['CAP_SYS_CHROOT', 'chroot'],
  ['CAP_SYS_MODULE', 'delete_module init_module finit_module'],
  ['CAP_SYS_NICE', 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node'],
  ['CAP_SYS_PACCT', 'acct'],
  ['CAP_SYS_PTRACE', 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace'],
  ['CAP_SYS_RAWIO', 'iopl ioperm'],
  ['CAP_SYS_TIME', 'settimeofday stime clock_settime clock_settime64'],
  ['CAP_SYS_TTY_CONFIG', 'vhangup'],
] as const).map(([capability, names]) => ({ when: { capability }, rules: [allow(names)] }));

export const CONDITIONAL: readonly ConditionalRules[] = [...FILTERED, ...OF_THE_MACHINE, ...BY_CAPABILITY];

function namespaceFlagsClear(index: number): SeccompArgument {
  return { index, value: NEW_NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' };
}
