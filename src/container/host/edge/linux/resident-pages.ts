import { readFileSync } from 'node:fs';
import { check, libc } from './libc.ts';

const MADV_DONTNEED = 4;
/** Smaller mappings are not worth a call. */
const LEAST_BYTES = 1 << 20;

interface Mapping { readonly address: bigint; readonly length: bigint }

/**
 * Mappings of files that can't be written and of which no page has a copy of its own (proc_pid_smaps(5)): whatever of
 * them is dropped is in the file. Relocated data is read-only too, but its pages are copies.
 */
export function untouchedFileMappings(smaps: string): readonly Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* +\//.exec(text);
    if (match === null || !/^Anonymous: +0 kB$/m.test(text)) return [];
    const [address, end] = [BigInt(`0x${match[1]}`), BigInt(`0x${match[2]}`)];
    return end - address < LEAST_BYTES ? [] : [{ address, length: end - address }];
  });
}

/**
 * Gives back the pages of program code and constants that starting up has touched and serving never will: the snapshot, the
 * compiler, tables of Unicode. What is needed again comes back from the page cache without reading the disk.
 */
export function releaseCodePages(): void {
  for (const { address, length } of untouchedFileMappings(readFileSync('/proc/self/smaps', 'latin1'))) {
    check('madvise', libc.madvise(address, length, MADV_DONTNEED), { action: 'give back pages of program code' });
  }
}
