import ffi from 'node:ffi';
import { GantryError } from '#base/error.ts';
import { check, libc } from './_libc.ts';

/** AUDIT_ARCH of linux/audit.h, and numbers of asm/unistd.h and asm-generic/unistd.h. */
const ARCHITECTURES = {
  x64: {
    audit: 0xc000003e,
    seccomp: 317n,
    denied: [
      41 /* socket */, 59 /* execve */, 101 /* ptrace */, 155 /* pivot_root */, 161 /* chroot */, 163 /* acct */, 165 /* mount */,
      166 /* umount2 */, 167 /* swapon */, 169 /* reboot */, 172 /* iopl */, 173 /* ioperm */, 175 /* init_module */,
      179 /* quotactl */, 246 /* kexec_load */, 248 /* add_key */, 249 /* request_key */, 250 /* keyctl */, 272 /* unshare */,
      298 /* perf_event_open */, 304 /* open_by_handle_at */, 308 /* setns */, 310 /* process_vm_readv */,
      311 /* process_vm_writev */, 312 /* kcmp */, 313 /* finit_module */, 320 /* kexec_file_load */, 321 /* bpf */,
      322 /* execveat */, 323 /* userfaultfd */,
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    seccomp: 277n,
    denied: [
      39 /* umount2 */, 40 /* mount */, 41 /* pivot_root */, 51 /* chroot */, 60 /* quotactl */, 89 /* acct */, 97 /* unshare */,
      104 /* kexec_load */, 105 /* init_module */, 117 /* ptrace */, 142 /* reboot */, 198 /* socket */, 217 /* add_key */,
      218 /* request_key */, 219 /* keyctl */, 221 /* execve */, 224 /* swapon */, 241 /* perf_event_open */,
      265 /* open_by_handle_at */, 268 /* setns */, 270 /* process_vm_readv */, 271 /* process_vm_writev */, 272 /* kcmp */,
      273 /* finit_module */, 280 /* bpf */, 281 /* execveat */, 282 /* userfaultfd */, 294 /* kexec_file_load */,
    ],
  },
} as const;

/** Since Linux 5.1 calls have one number on all architectures. */
const DENIED_EVERYWHERE = [
  425 /* io_uring_setup */, 428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */, 432 /* fsmount */, 433 /* fspick */,
  438 /* pidfd_getfd */, 442 /* mount_setattr */,
];

const BPF = { load: 0x20, equal: 0x15, atLeast: 0x35, return: 0x06 } as const;
const RETURN = { allow: 0x7fff0000, eperm: 0x00050001, kill: 0x80000000 } as const;
/** x32 calls have this bit; no x86-64 call does. */
const X32_BIT = 0x40000000;
const SET_MODE_FILTER = 1n;
const SYNC_THREADS = 1n;
const INSTRUCTION_BYTES = 8;

/**
 * Takes from all threads of this process, for good, what leads out of its directory: programs, mounts, namespaces, sockets,
 * other processes. Refused calls answer EPERM. Needs no_new_privs on this thread and sets it on the others.
 */
export function denyEscapes(): void {
  const architecture = ARCHITECTURES[process.arch as keyof typeof ARCHITECTURES] as (typeof ARCHITECTURES)[keyof typeof ARCHITECTURES] | undefined;
  if (architecture === undefined) throw new GantryError('unavailable', `layers cannot be unpacked safely on the processor ${process.arch}`);
  const denied = [...architecture.denied, ...DENIED_EVERYWHERE];
  const program: [code: number, ifTrue: number, ifFalse: number, value: number][] = [
    [BPF.load, 0, 0, 4],
    [BPF.equal, 1, 0, architecture.audit],
    [BPF.return, 0, 0, RETURN.kill],
    [BPF.load, 0, 0, 0],
    [BPF.atLeast, denied.length + 1, 0, X32_BIT],
    // From each comparison to the refusal, which follows the permission after the last one.
    ...denied.map((call, index): [number, number, number, number] => [BPF.equal, denied.length - index, 0, call]),
    [BPF.return, 0, 0, RETURN.allow],
    [BPF.return, 0, 0, RETURN.eperm],
  ];
  // struct sock_fprog, and the program that it points to, in one piece of memory.
  const memory = Buffer.alloc(16 + program.length * INSTRUCTION_BYTES);
  memory.writeUInt16LE(program.length, 0);
  memory.writeBigUInt64LE(ffi.getRawPointer(memory) + 16n, 8);
  program.forEach(([code, ifTrue, ifFalse, value], index) => {
    const at = 16 + index * INSTRUCTION_BYTES;
    memory.writeUInt16LE(code, at);
    memory.writeUInt8(ifTrue, at + 2);
    memory.writeUInt8(ifFalse, at + 3);
    memory.writeUInt32LE(value, at + 4);
  });
  check(libc.syscall(architecture.seccomp, SET_MODE_FILTER, SYNC_THREADS, memory, 0n), 'set a system call filter');
}
