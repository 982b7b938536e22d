import ffi from 'node:ffi';
import { parentPort } from 'node:worker_threads';

export interface CryptOrder {
  readonly id: number;
  readonly password: string;
  /** A hash, whose beginning says how to hash. */
  readonly setting: string;
}

export interface Crypted {
  readonly id: number;
  /** Empty where the setting is none. */
  readonly hash: string;
}

/**
 * A thread that hashes passwords by crypt(3): bcrypt takes tens of milliseconds by design, which no event loop has to spare.
 * libcrypt.so.1 is part of every Debian (package libcrypt1).
 */
const { crypt } = ffi.dlopen('libcrypt.so.1', { crypt: { arguments: ['string', 'string'], return: 'pointer' } }).functions;

parentPort?.on('message', ({ id, password, setting }: CryptOrder) => {
  const hash = crypt(password, setting);
  parentPort?.postMessage({ id, hash: hash === 0n ? '' : ffi.toString(hash) ?? '' } satisfies Crypted);
});
