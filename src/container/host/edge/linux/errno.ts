import type { ErrorKind } from '#base/error.ts';

/** What went wrong, in words that fit after "failed: ", and the kind of error that a caller sees. */
interface Meaning {
  readonly number: number;
  readonly text: string;
  readonly kind: ErrorKind;
}

/** Numbers of the generic ABI (asm-generic/errno.h): the same on x86, arm64, riscv64 and s390x. */
const ERRORS = {
  EPERM: { number: 1, text: 'operation not permitted', kind: 'forbidden' },
  ENOENT: { number: 2, text: 'no such file or directory', kind: 'not-found' },
  ESRCH: { number: 3, text: 'no such process', kind: 'not-found' },
  EINTR: { number: 4, text: 'interrupted by a signal', kind: 'interrupted' },
  EIO: { number: 5, text: 'input/output error', kind: 'internal' },
  ENXIO: { number: 6, text: 'no such device or address', kind: 'not-found' },
  E2BIG: { number: 7, text: 'argument list too long', kind: 'too-large' },
  ENOEXEC: { number: 8, text: 'not an executable of this machine', kind: 'invalid' },
  EBADF: { number: 9, text: 'bad file descriptor', kind: 'internal' },
  ECHILD: { number: 10, text: 'no such child process', kind: 'not-found' },
  EAGAIN: { number: 11, text: 'resource temporarily unavailable', kind: 'unavailable' },
  ENOMEM: { number: 12, text: 'out of memory', kind: 'exhausted' },
  EACCES: { number: 13, text: 'permission denied', kind: 'forbidden' },
  EFAULT: { number: 14, text: 'bad address', kind: 'internal' },
  EBUSY: { number: 16, text: 'device or resource busy', kind: 'conflict' },
  EEXIST: { number: 17, text: 'exists already', kind: 'conflict' },
  EXDEV: { number: 18, text: 'across file systems', kind: 'invalid' },
  ENODEV: { number: 19, text: 'no such device or file system type', kind: 'not-found' },
  ENOTDIR: { number: 20, text: 'not a directory', kind: 'invalid' },
  EISDIR: { number: 21, text: 'is a directory', kind: 'invalid' },
  EINVAL: { number: 22, text: 'invalid argument', kind: 'invalid' },
  ENFILE: { number: 23, text: 'too many open files in the system', kind: 'exhausted' },
  EMFILE: { number: 24, text: 'too many open files', kind: 'exhausted' },
  ENOTTY: { number: 25, text: 'not a terminal, or not supported by the device', kind: 'invalid' },
  ETXTBSY: { number: 26, text: 'program file is being written', kind: 'conflict' },
  EFBIG: { number: 27, text: 'file too large', kind: 'too-large' },
  ENOSPC: { number: 28, text: 'no space left', kind: 'exhausted' },
  EROFS: { number: 30, text: 'read-only file system', kind: 'forbidden' },
  EMLINK: { number: 31, text: 'too many links', kind: 'exhausted' },
  EPIPE: { number: 32, text: 'the other end is closed', kind: 'unavailable' },
  ERANGE: { number: 34, text: 'result too large', kind: 'too-large' },
  ENAMETOOLONG: { number: 36, text: 'name too long', kind: 'too-large' },
  ENOSYS: { number: 38, text: 'not implemented by this kernel', kind: 'unimplemented' },
  ENOTEMPTY: { number: 39, text: 'directory not empty', kind: 'conflict' },
  ELOOP: { number: 40, text: 'too many symbolic links', kind: 'invalid' },
  ENODATA: { number: 61, text: 'no such attribute', kind: 'not-found' },
  EOVERFLOW: { number: 75, text: 'value too large', kind: 'too-large' },
  EUSERS: { number: 87, text: 'too many users or namespaces', kind: 'exhausted' },
  ENOTSOCK: { number: 88, text: 'not a socket', kind: 'internal' },
  EMSGSIZE: { number: 90, text: 'message too long', kind: 'too-large' },
  EPROTONOSUPPORT: { number: 93, text: 'protocol not supported by this kernel', kind: 'unimplemented' },
  EOPNOTSUPP: { number: 95, text: 'operation not supported', kind: 'unimplemented' },
  EAFNOSUPPORT: { number: 97, text: 'address family not supported', kind: 'unimplemented' },
  EADDRINUSE: { number: 98, text: 'address in use', kind: 'conflict' },
  EADDRNOTAVAIL: { number: 99, text: 'address not available', kind: 'conflict' },
  ENETDOWN: { number: 100, text: 'network is down', kind: 'unavailable' },
  ENETUNREACH: { number: 101, text: 'network unreachable', kind: 'unavailable' },
  ECONNRESET: { number: 104, text: 'connection reset', kind: 'unavailable' },
  ENOBUFS: { number: 105, text: 'no buffer space', kind: 'exhausted' },
  EISCONN: { number: 106, text: 'already connected', kind: 'conflict' },
  ENOTCONN: { number: 107, text: 'not connected', kind: 'unavailable' },
  ETIMEDOUT: { number: 110, text: 'timed out', kind: 'interrupted' },
  ECONNREFUSED: { number: 111, text: 'connection refused', kind: 'unavailable' },
  EHOSTUNREACH: { number: 113, text: 'no route to the host', kind: 'unavailable' },
  EALREADY: { number: 114, text: 'already in progress', kind: 'conflict' },
  EINPROGRESS: { number: 115, text: 'in progress', kind: 'unavailable' },
  ESTALE: { number: 116, text: 'stale file handle', kind: 'conflict' },
  EDQUOT: { number: 122, text: 'disk quota exceeded', kind: 'exhausted' },
} as const satisfies Record<string, Meaning>;

export type ErrnoName = keyof typeof ERRORS;

const BY_NUMBER: ReadonlyMap<number, ErrnoName> =
  new Map(Object.entries(ERRORS).map(([name, { number }]) => [number, name as ErrnoName]));

/** `EBUSY` for 16; undefined for a number outside of the table. */
export function errnoName(number: number): ErrnoName | undefined {
  return BY_NUMBER.get(number);
}

export function errnoNumber(name: ErrnoName): number {
  return ERRORS[name].number;
}

/** `EBUSY: device or resource busy`. */
export function errnoText(number: number): string {
  const name = errnoName(number);
  return name === undefined ? `error ${number}` : `${name}: ${ERRORS[name].text}`;
}

/** `device or resource busy` for `EBUSY`; undefined for a name outside of the table. */
export function errnoMeaning(name: string): string | undefined {
  return Object.hasOwn(ERRORS, name) ? ERRORS[name as ErrnoName].text : undefined;
}

export function errnoKind(number: number): ErrorKind {
  const name = errnoName(number);
  return name === undefined ? 'internal' : ERRORS[name].kind;
}
