import ffi from 'node:ffi';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import { errnoText } from './errno.ts';
import { check, libc } from './libc.ts';

/**
 * `linux.seccomp` of the OCI runtime spec (config-linux.md, Seccomp). Some come from users: actions, operators and numbers are
 * checked here.
 */
export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly OciSeccompRule[];
}

export interface OciSeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly OciSeccompArgument[];
}

export interface OciSeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

const ACTIONS: Readonly<Record<string, number>> = {
  SCMP_ACT_ALLOW: 0x7fff_0000,
  SCMP_ACT_LOG: 0x7ffc_0000,
  SCMP_ACT_TRACE: 0x7ff0_0000,
  SCMP_ACT_ERRNO: 0x0005_0000,
  SCMP_ACT_TRAP: 0x0003_0000,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x8000_0000,
};

const OPERATORS: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1, SCMP_CMP_LT: 2, SCMP_CMP_LE: 3, SCMP_CMP_EQ: 4, SCMP_CMP_GE: 5, SCMP_CMP_GT: 6, SCMP_CMP_MASKED_EQ: 7,
};

const ATTRIBUTE_NO_NEW_PRIVILEGES = 3;
const ATTRIBUTE_OPTIMIZE = 8;
const BY_HALVES = 2;
const LONG_LIST = 64;
const UNKNOWN_SYSTEM_CALL = -1;
const NATIVE = 0;
const EEXIST = 17;
const EPERM = 1;
const MFD_CLOEXEC = 1;
const COMPARISON_BYTES = 24;
const MAX_ARGUMENT = 5;
const ALL_BITS = 0xffff_ffff_ffff_ffffn;

/**
 * The filter as the kernel takes it (struct sock_filter[]), by libseccomp. It takes several milliseconds: keep the answer by
 * the profile. A runtime that gets it (crun: annotation `run.oci.seccomp_bpf_data`, base64) need not compile at each start.
 * Calls that this libseccomp or machine does not know are left out, as runtimes do: the default action refuses them.
 * Throws 'unavailable' without libseccomp, 'invalid' for a profile that it refuses.
 */
export function compileSeccomp(profile: OciSeccomp): Uint8Array<ArrayBuffer> {
  const library = load();
  const context = library.seccomp_init(actionNumber(profile.defaultAction, profile.defaultErrnoRet));
  if (context === 0n) throw new GantryError('invalid', `libseccomp refused the default action ${profile.defaultAction}`);
  try {
    must(library.seccomp_attr_set(context, ATTRIBUTE_NO_NEW_PRIVILEGES, 0), 'leave no_new_privs alone');
    setArchitectures(library, context, profile.architectures ?? []);
    const count = (profile.syscalls ?? []).reduce((sum, rule) => sum + addRule(library, context, profile, rule), 0);
    // The kernel asks a new filter about every call that there is: one that looks a number up by halves is taken in 0.4 ms, a list in 0.8.
    // Before 2.5 libseccomp knows only lists, before 2.5.4 it had trouble with empty trees (its release notes).
    if (count >= LONG_LIST) library.seccomp_attr_set(context, ATTRIBUTE_OPTIMIZE, BY_HALVES);
    return exportFilter(library, context);
  } finally {
    library.seccomp_release(context);
  }
}

function setArchitectures(library: Library, context: bigint, architectures: readonly string[]): void {
  const tokens = architectures.map((name) => {
    const token = library.seccomp_arch_resolve_name(name.replace(/^SCMP_ARCH_/, '').toLowerCase());
    if (token === 0) throw new GantryError('invalid', `libseccomp does not know the architecture ${name}`);
    return token;
  });
  for (const token of tokens) {
    const result = library.seccomp_arch_add(context, token);
    if (result !== -EEXIST) must(result, 'add an architecture');
  }
  // The machine's own is there from the start.
  if (tokens.length > 0 && !tokens.includes(library.seccomp_arch_native())) {
    must(library.seccomp_arch_remove(context, NATIVE), 'remove the native architecture');
  }
}

/** @returns how many libseccomp was given */
function addRule(library: Library, context: bigint, profile: OciSeccomp, rule: OciSeccompRule): number {
  const action = actionNumber(rule.action, rule.errnoRet);
  // libseccomp refuses rules that say what the default says already.
  if (action === actionNumber(profile.defaultAction, profile.defaultErrnoRet)) return 0;
  const known = rule.names.map((name) => ({ name, number: library.seccomp_syscall_resolve_name(name) })).filter(({ number }) => number !== UNKNOWN_SYSTEM_CALL);
  const alternatives = alternativesOf(rule.args ?? []).map((args) => ({ count: args.length, bytes: encodeArguments(args) }));
  for (const { name, number } of known) {
    for (const { count, bytes } of alternatives) {
      must(library.seccomp_rule_add_array(context, action, number, count, bytes), `add a rule for ${name}`);
    }
  }
  return known.length * alternatives.length;
}

/** Conditions must all hold, unless two are about the same argument: then, as in runc and crun, each one suffices. */
function alternativesOf(args: readonly OciSeccompArgument[]): readonly (readonly OciSeccompArgument[])[] {
  const repeats = new Set(args.map(({ index }) => index)).size < args.length;
  return repeats ? args.map((argument) => [argument]) : [args];
}

/** struct scmp_arg_cmp: argument, operator, two operands. For a masked comparison they are the mask and the value. */
function encodeArguments(args: readonly OciSeccompArgument[]): Buffer {
  const bytes = Buffer.alloc(Math.max(1, args.length) * COMPARISON_BYTES);
  for (const [position, { index, op, value, valueTwo = 0 }] of args.entries()) {
    const operator = Object.hasOwn(OPERATORS, op) ? OPERATORS[op] : undefined;
    if (operator === undefined) throw new GantryError('invalid', `not an operator of a seccomp profile: ${JSON.stringify(op)}`);
    if (!Number.isInteger(index) || index < 0 || index > MAX_ARGUMENT) {
      throw new GantryError('invalid', `not the number of a system call's argument: ${JSON.stringify(index)}`);
    }
    const at = position * COMPARISON_BYTES;
    bytes.writeUInt32LE(index, at);
    bytes.writeUInt32LE(operator, at + 4);
    bytes.writeBigUInt64LE(operand(value), at + 8);
    bytes.writeBigUInt64LE(operand(valueTwo), at + 16);
  }
  return bytes;
}

function operand(value: number): bigint {
  // The largest 64-bit number is written in profiles, and JSON rounds it up by one.
  if (value === 2 ** 64) return ALL_BITS;
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new GantryError('invalid', `not a number that a seccomp profile can hold exactly: ${JSON.stringify(value)}`);
}

function actionNumber(action: string, errno = EPERM): number {
  const number = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (number === undefined) throw new GantryError('invalid', `not an action of a seccomp profile: ${JSON.stringify(action)}`);
  const carriesNumber = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return carriesNumber ? number | (errno & 0xffff) : number;
}

function exportFilter(library: Library, context: bigint): Uint8Array<ArrayBuffer> {
  const fd = check('memfd_create', libc.memfd_create('seccomp', MFD_CLOEXEC), { action: 'make room for a seccomp filter' });
  try {
    must(library.seccomp_export_bpf(context, fd), 'compile the filter');
    const bytes = new Uint8Array(fstatSync(fd).size);
    readSync(fd, bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

type Library = ReturnType<typeof load>;

function load() {
  try {
    return ffi.dlopen('libseccomp.so.2', {
      seccomp_init: { arguments: ['u32'], return: 'pointer' },
      seccomp_release: { arguments: ['pointer'], return: 'void' },
      seccomp_attr_set: { arguments: ['pointer', 'i32', 'u32'], return: 'i32' },
      seccomp_arch_add: { arguments: ['pointer', 'u32'], return: 'i32' },
      seccomp_arch_remove: { arguments: ['pointer', 'u32'], return: 'i32' },
      seccomp_arch_native: { arguments: [], return: 'u32' },
      seccomp_arch_resolve_name: { arguments: ['string'], return: 'u32' },
      seccomp_syscall_resolve_name: { arguments: ['string'], return: 'i32' },
      seccomp_rule_add_array: { arguments: ['pointer', 'u32', 'i32', 'u32', 'buffer'], return: 'i32' },
      seccomp_export_bpf: { arguments: ['pointer', 'i32'], return: 'i32' },
    }).functions;
  } catch (cause) {
    throw new GantryError('unavailable', `could not load libseccomp.so.2: ${messageOf(cause)}`, {
      hint: 'Install it: apt-get install libseccomp2', cause,
    });
  }
}

/** libseccomp answers negative errnos. */
function must(result: number, action: string): void {
  if (result < 0) throw new GantryError('invalid', `libseccomp could not ${action} (${errnoText(-result)})`);
}
