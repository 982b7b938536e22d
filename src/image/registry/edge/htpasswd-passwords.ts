import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { GantryError, messageOf } from '#base/error.ts';
import type { Crypted, CryptOrder } from './crypt-worker.ts';
import type { Passwords } from '../server/password-access.ts';

/** How long a password that was right need not be hashed again: a pull asks many times in a row. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 1000;
/** bcrypt alone, as docker-registry: the other forms of htpasswd are weak. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** What a user that is not there is compared with, so that it takes as long. */
const NOBODY = `$2y$05$${'a'.repeat(21)}uF5ln6hkSmsXQlUal7F4e6KigLYzXK6`;

/** A file of htpasswd -B, read again when it changes. The hashing is the C library's crypt(3), in a thread of its own. */
export class HtpasswdPasswords implements Passwords {
  readonly #path: string;
  readonly #secret = randomBytes(32);
  readonly #right = new Map<string, number>();
  #users: ReadonlyMap<string, string>;
  #modifiedMs: number;
  #worker: Worker | undefined;
  #next = 0;
  readonly #waiting = new Map<number, (hash: string) => void>();

  readonly #log: (line: string) => void;

  /** Throws `invalid` for a file that is none. One that is changed into such is told of by `log`, and the users stay as they were. */
  constructor(path: string, log: (line: string) => void) {
    this.#path = path;
    this.#log = log;
    this.#modifiedMs = statSync(path).mtimeMs;
    this.#users = readUsers(path);
  }

  async verify(username: string, password: string): Promise<boolean> {
    this.#readAgain();
    const stored = this.#users.get(username) ?? NOBODY;
    const key = createHmac('sha256', this.#secret).update(`${stored}\0${username}\0${password}`).digest('base64');
    const until = this.#right.get(key);
    if (until !== undefined && until > performance.now()) return true;
    const hash = await this.#crypt(password, stored);
    const isRight = hash.length === stored.length && timingSafeEqual(Buffer.from(hash), Buffer.from(stored)) && this.#users.has(username);
    if (isRight) {
      if (this.#right.size >= MAX_REMEMBERED) this.#right.clear();
      this.#right.set(key, performance.now() + REMEMBERED_MS);
    }
    return isRight;
  }

  #readAgain(): void {
    const modifiedMs = statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs ?? this.#modifiedMs;
    if (modifiedMs === this.#modifiedMs) return;
    this.#modifiedMs = modifiedMs;
    try {
      this.#users = readUsers(this.#path);
    } catch (thrown) {
      this.#log(`the users stay as they were: ${messageOf(thrown)}`);
    }
  }

  #crypt(password: string, setting: string): Promise<string> {
    if (password.includes('\0')) return Promise.resolve('');
    this.#worker ??= this.#startWorker();
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker?.postMessage({ id, password, setting } satisfies CryptOrder);
    });
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./crypt-worker.ts', import.meta.url));
    worker.on('message', ({ id, hash }: Crypted) => {
      this.#waiting.get(id)?.(hash);
      this.#waiting.delete(id);
    });
    worker.on('error', () => {
      // Nobody gets in by a thread that fails.
      for (const settle of this.#waiting.values()) settle('');
      this.#waiting.clear();
      this.#worker = undefined;
    });
    worker.unref();
    return worker;
  }
}

function readUsers(path: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const colon = text.indexOf(':');
    const hash = text.slice(colon + 1);
    const cost = Number(BCRYPT.exec(hash)?.[1] ?? NaN);
    if (colon <= 0 || !(cost >= 4 && cost <= 16)) {
      throw new GantryError('invalid', `line ${index + 1} of ${path} has no user with a bcrypt hash`, { hint: 'write it with htpasswd -B' });
    }
    users.set(text.slice(0, colon), hash);
  }
  return users;
}
