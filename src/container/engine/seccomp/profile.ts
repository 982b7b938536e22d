import { ALLOWED } from './allowed.ts';
import { CONDITIONAL } from './conditional.ts';

/** `linux.seccomp` of the OCI runtime spec (config-linux.md, Seccomp). */
export interface SeccompProfile {
  readonly defaultAction: SeccompAction;
  /** Number of the error that a refused call returns. */
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

export type SeccompAction = 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO' | 'SCMP_ACT_LOG' | 'SCMP_ACT_TRACE' | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_KILL' | 'SCMP_ACT_KILL_THREAD' | 'SCMP_ACT_KILL_PROCESS';

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
}

export interface SeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: SeccompOperator;
}

export type SeccompOperator = 'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_LE' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GE' | 'SCMP_CMP_GT'
  | 'SCMP_CMP_MASKED_EQ';

/** As the OCI image spec writes it (`architecture` of an image). */
export type SeccompMachine = 'amd64' | 'arm64' | 'riscv64' | 's390x';

export interface SeccompInput {
  readonly architecture: SeccompMachine;
  /** The bounding set, each with its `CAP_` prefix. */
  readonly capabilities: readonly string[];
  /** As `uname -r` prints it: only the first two numbers count. */
  readonly kernelVersion: string;
  /**
   * Whether 32-bit programs may run. A filter cannot see the address family behind the pointer of i386 `socketcall`,
   * so an image without 32-bit programs is safer with 'refuse'. Docker always allows. Default: 'allow'.
   */
  readonly foreignAbi?: 'allow' | 'refuse';
}

const EPERM = 1;

/** The kernel's name of the machine's own ABI first, then those of the 32-bit ones that it also runs. */
const ARCHITECTURES: Readonly<Record<SeccompMachine, readonly [string, ...string[]]>> = {
  amd64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  riscv64: ['SCMP_ARCH_RISCV64'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
};

/** The default filter for a container with these capabilities on this machine: equal in effect to Docker's default profile. */
export function seccompProfile(input: SeccompInput): SeccompProfile {
  const kernel = parseKernelVersion(input.kernelVersion);
  const capabilities = new Set(input.capabilities);
  const applicable = CONDITIONAL.filter(({ when }) =>
    (when.machines === undefined || when.machines.includes(input.architecture))
    && (when.capability === undefined || capabilities.has(when.capability))
    && (when.withoutCapability === undefined || !capabilities.has(when.withoutCapability))
    && (when.kernel === undefined || !isOlder(kernel, when.kernel)));
  const architectures = ARCHITECTURES[input.architecture];
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: input.foreignAbi === 'refuse' ? [architectures[0]] : architectures,
    syscalls: [
      { names: ALLOWED.flatMap((group) => group.names).toSorted(), action: 'SCMP_ACT_ALLOW' },
      ...applicable.flatMap((entry) => entry.rules),
    ],
  };
}

type Version = readonly [major: number, minor: number];

function parseKernelVersion(text: string): Version {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  return [Number(major), Number(minor)];
}

function isOlder(left: Version, right: Version): boolean {
  return left[0] !== right[0] ? left[0] < right[0] : left[1] < right[1];
}
