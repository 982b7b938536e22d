import { invalid } from './invalid.ts';

/** capabilities(7). */
const KNOWN = new Set(
  ('AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER '
    + 'KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID '
    + 'SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM').split(' '),
);

/** Upper case, with `CAP_`; `ALL` stays as it is. */
export function normaliseCapabilities(names: readonly string[] | null, field: string): string[] {
  return (names ?? []).map((given) => {
    const upper = given.toUpperCase();
    if (upper === 'ALL') return upper;
    const name = upper.startsWith('CAP_') ? upper.slice(4) : upper;
    if (!KNOWN.has(name)) throw invalid(`invalid ${field}: unknown capability: "CAP_${name}"`);
    return `CAP_${name}`;
  });
}
