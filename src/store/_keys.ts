import { GantryError } from '#base/error.ts';
import { MAX_KEY_LENGTH } from './store.ts';

/**
 * Keys are printable ASCII, so that JavaScript, SQLite and etcd agree on their order, and the key after
 * every key with a prefix is that prefix and DEL.
 */
export function checkKey(key: string): void {
  if (key === '') throw new GantryError('invalid', 'a key of the store is empty');
  checkPrefix(key);
}

export function checkPrefix(prefix: string): void {
  if (prefix.length > MAX_KEY_LENGTH) throw new GantryError('invalid', `the key '${prefix.slice(0, 64)}...' is longer than ${MAX_KEY_LENGTH} characters`);
  if (!/^[ -~]*$/.test(prefix)) throw new GantryError('invalid', `the key ${JSON.stringify(prefix)} has characters other than printable ASCII`);
}

/** Less than this are all keys with the prefix. */
export function endOfPrefix(prefix: string): string {
  return `${prefix}\x7f`;
}

/** The least key that a list with the prefix may begin with. The space is the lowest character of a key. */
export function startOfList(prefix: string, afterKey: string | undefined): string {
  return afterKey === undefined || afterKey < prefix ? prefix : `${afterKey} `;
}
