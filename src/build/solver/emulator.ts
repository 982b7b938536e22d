/** The part of an ELF header that names a machine (System V ABI, "ELF Header"): class, byte order, and `e_machine` of linux/elf-em.h. */
interface Machine {
  readonly bits: 32 | 64;
  readonly isBigEndian?: true;
  readonly number: number;
}

/** By the names that platforms have. */
const MACHINES: Readonly<Record<string, Machine>> = {
  '386': { bits: 32, number: 3 }, amd64: { bits: 64, number: 62 }, arm: { bits: 32, number: 40 }, arm64: { bits: 64, number: 183 }, loong64: { bits: 64, number: 258 },
  mips64: { bits: 64, isBigEndian: true, number: 8 }, mips64le: { bits: 64, number: 8 }, ppc64le: { bits: 64, number: 21 }, riscv64: { bits: 64, number: 243 }, s390x: { bits: 64, isBigEndian: true, number: 22 },
};

/** What processors run beside their own programs. */
const ALSO: Readonly<Record<string, readonly string[]>> = { amd64: ['386'], arm64: ['arm'] };

/**
 * Whether a command of another architecture can run here.
 * @param handlers what the kernel has registered: texts of the files below `/proc/sys/fs/binfmt_misc` (Documentation/admin-guide/binfmt-misc.rst)
 */
export function canRun(wanted: string, host: string, handlers: readonly string[]): boolean {
  if (wanted === host || (ALSO[host] ?? []).includes(wanted)) return true;
  const machine = Object.hasOwn(MACHINES, wanted) ? MACHINES[wanted] : undefined;
  // One that nobody here knows is left to the kernel.
  return machine === undefined || handlers.some((text) => handles(text, machine));
}

function handles(text: string, { bits, isBigEndian, number }: Machine): boolean {
  const field = (name: string): string => new RegExp(`^${name} (\\S*)$`, 'm').exec(text)?.[1] ?? '';
  if (!/^enabled$/m.test(text) || field('offset') !== '0') return false;
  const magic = bytesOf(field('magic'));
  const mask = bytesOf(field('mask'));
  const order = isBigEndian ? [number >> 8, number & 0xff] : [number & 0xff, number >> 8];
  const header: readonly (readonly [at: number, byte: number])[] = [[0, 0x7f], [1, 0x45], [2, 0x4c], [3, 0x46], [4, bits === 64 ? 2 : 1], [5, isBigEndian ? 2 : 1], [18, order[0] as number], [19, order[1] as number]];
  // One that says nothing of the machine is for something else.
  return magic.length > 19 && header.every(([at, byte]) => (byte & (mask[at] ?? 0xff)) === (magic[at] as number));
}

function bytesOf(hex: string): readonly number[] {
  return (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}
