import type { SecuritySpec } from '#container/model/container-spec.ts';

/** Docker's default set: enough for package managers and servers that drop root by themselves. */
const DEFAULT = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID',
  'CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE',
];

/** capabilities(7), in the kernel's order. */
export const ALL_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_KILL', 'CAP_SETGID', 'CAP_SETUID',
  'CAP_SETPCAP', 'CAP_LINUX_IMMUTABLE', 'CAP_NET_BIND_SERVICE', 'CAP_NET_BROADCAST', 'CAP_NET_ADMIN', 'CAP_NET_RAW',
  'CAP_IPC_LOCK', 'CAP_IPC_OWNER', 'CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_SYS_CHROOT', 'CAP_SYS_PTRACE', 'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN', 'CAP_SYS_BOOT', 'CAP_SYS_NICE', 'CAP_SYS_RESOURCE', 'CAP_SYS_TIME', 'CAP_SYS_TTY_CONFIG', 'CAP_MKNOD',
  'CAP_LEASE', 'CAP_AUDIT_WRITE', 'CAP_AUDIT_CONTROL', 'CAP_SETFCAP', 'CAP_MAC_OVERRIDE', 'CAP_MAC_ADMIN', 'CAP_SYSLOG',
  'CAP_WAKE_ALARM', 'CAP_BLOCK_SUSPEND', 'CAP_AUDIT_READ', 'CAP_PERFMON', 'CAP_BPF', 'CAP_CHECKPOINT_RESTORE',
];

/**
 * The names that a container's processes may hold. `ALL` in either list stands for every capability that there is to
 * give; one that is named and can't be given is left in, and refused by the runtime.
 * @param givable bit by bit as capabilities(7) numbers them; absent: all
 */
export function effectiveCapabilities(security: SecuritySpec, givable = -1n): readonly string[] {
  const all = ALL_CAPABILITIES.filter((_, bit) => ((givable >> BigInt(bit)) & 1n) === 1n);
  if (security.privileged) return all;
  const dropped = new Set(security.capabilitiesDrop);
  const added = new Set(security.capabilitiesAdd);
  const base = dropped.has('ALL') ? [] : added.has('ALL') ? all : DEFAULT;
  return ALL_CAPABILITIES.filter((name) => (added.has(name) || base.includes(name)) && !dropped.has(name));
}
