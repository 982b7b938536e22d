import { GantryError } from '#base/error.ts';

/** signal(7), the numbers of x86 and ARM. */
const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries({
  HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, IOT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15,
  STKFLT: 16, CHLD: 17, CLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, URG: 23, XCPU: 24, XFSZ: 25, VTALRM: 26, PROF: 27, WINCH: 28,
  IO: 29, POLL: 29, PWR: 30, SYS: 31,
}));
const RTMIN = 34;
const RTMAX = 64;

/** `SIGTERM`, `TERM`, `15`, `RTMIN+3`. */
export function signalNumber(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, '');
  const number = /^\d+$/.test(name) ? Number(name) : NUMBERS.get(name) ?? realtime(name);
  if (number === undefined || number < 1 || number > RTMAX) {
    throw new GantryError('invalid', `invalid signal: ${text}`, { hint: 'name a signal as SIGTERM or TERM, or give its number' });
  }
  return number;
}

export function signalName(number: number): string {
  for (const [name, value] of NUMBERS) if (value === number) return `SIG${name}`;
  return String(number);
}

function realtime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (match === null) return undefined;
  const base = match[1] === 'MIN' ? RTMIN : RTMAX;
  return base + (match[2] === '-' ? -1 : 1) * Number(match[3] ?? 0);
}
