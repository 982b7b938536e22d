import { readFileSync, readlinkSync } from 'node:fs';
import { libc } from './libc.ts';

const MADV_DONTNEED = 4;
/** Smaller mappings are not worth a call. */
const LEAST_BYTES = 1 << 20;

interface Mapping { readonly address: bigint; readonly length: bigint }

/**
 * Mappings of the program's file that can't be written and of which no page has a copy of its own (proc_pid_smaps(5)): whatever
 * of them is dropped is in the file. Relocated data is read-only too, but its pages are copies. Of the program alone: a
 * library may be unloaded by another thread before the advice is given, and something else be at its address by then.
 */
export function untouchedFileMappings(smaps: string, program: string): readonly Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* +(\/.*)$/m.exec(text);
    if (match?.[3] !== program || !/^Anonymous: +0 kB$/m.test(text)) return [];
    const [address, end] = [BigInt(`0x${match[1]}`), BigInt(`0x${match[2]}`)];
    return end - address < LEAST_BYTES ? [] : [{ address, length: end - address }];
  });
}

/**
 * Gives back the pages of program code and constants that starting up has touched and serving never will: the snapshot, the
 * compiler, tables of Unicode. What is needed again comes back from the page cache without reading the disk.
 */
export function releaseCodePages(): void {
  for (const { address, length } of untouchedFileMappings(readFileSync('/proc/self/smaps', 'utf8'), readlinkSync('/proc/self/exe'))) {
    // Advice that isn't taken costs memory, and nothing else.
    libc.madvise(address, length, MADV_DONTNEED);
  }
}

/** Gives back what was freed and lies between what is in use (malloc_trim(3)): buffers of a transfer leave that behind. */
export function releaseFreedMemory(): void {
  libc.malloc_trim(0n);
}
