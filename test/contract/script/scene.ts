import type { ContractClient } from '../client.ts';

/** What a script of requests may use. */
export interface Scene {
  readonly api: ContractClient;
  /** Names of all things that the script makes begin with it. */
  readonly prefix: string;
  /** An image with a shell, which is there. */
  readonly image: string;
  /** A root file system with a shell, as a tar archive. */
  readonly archive: Uint8Array;
  /** A free port of the host. */
  readonly port: number;
}

/** The `filters` parameter as Go's clients send it. */
export function filters(value: Readonly<Record<string, readonly string[]>>): string {
  return encodeURIComponent(JSON.stringify(Object.fromEntries(Object.entries(value).map(([key, words]) => [key, Object.fromEntries(words.map((word) => [word, true]))]))));
}
