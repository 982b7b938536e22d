/** What a container must not read: it would tell about the host, or about its hardware's secrets. */
export const MASKED_PATHS: readonly string[] = [
  '/proc/acpi', '/proc/asound', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/sched_debug',
  '/proc/scsi', '/proc/timer_list', '/proc/timer_stats', '/sys/devices/virtual/powercap', '/sys/firmware',
  // Which page frames are whose, on the whole machine: of no use in a container, and of some to an attacker.
  '/proc/kpagecgroup', '/proc/kpagecount', '/proc/kpageflags',
];

/** What a container must not change: it belongs to the whole machine. */
export const READONLY_PATHS: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
