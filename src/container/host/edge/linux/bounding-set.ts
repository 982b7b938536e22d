/**
 * The capabilities that a process and its children can have at most, a bit each (capabilities(7)); all where nothing is told.
 * @param status proc_pid_status(5)
 */
export function boundingSet(status: string): bigint {
  return BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? 'f'.repeat(16)}`);
}
