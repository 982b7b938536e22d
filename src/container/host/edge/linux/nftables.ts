import ffi from 'node:ffi';
import { closeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { GantryError, messageOf } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { LowDescriptors } from './low-descriptors.ts';
import { inNetworkNamespace, openNamespace } from './namespaces.ts';
import { withSignalsBlocked } from './signal-mask.ts';

/**
 * libnftables in this process (libnftables(3)): a transaction costs a tenth of a millisecond instead of a program's start.
 * It is synchronous: load thousands of elements in a worker.
 */
const OUTPUT = { handle: 1 << 3, json: 1 << 4, numericAll: 0b1111 << 7, terse: 1 << 11 } as const;

/** libnftables waits for the kernel's answers by select(2). */
export const lowDescriptors = new LowDescriptors({ keeps: isMainThread });

/**
 * A session with the firewall of the network namespace in which it was opened, and which it keeps alive. Keep one open:
 * opening costs ten times as much as a small transaction. The first takes about 1 MiB, library included. Memory does not
 * grow with the number of runs, but the answer of `list` is held as text and again as values: list a map, not the ruleset.
 */
export class NftSession {
  readonly #library: Library;
  readonly #context: bigint;

  constructor(library: Library, context: bigint) {
    this.#library = library;
    this.#context = context;
  }

  /**
   * Runs commands in nft's own syntax as one transaction: all or nothing. Answers what they print. Throws with nft's words.
   * Anything in it that comes from outside goes through `nft-names.ts` first.
   */
  run(commands: string): string {
    return this.#execute(commands, OUTPUT.numericAll);
  }

  /**
   * The same with commands as values (libnftables-json(5)): `{ nftables: [{ add: { table: ... } }] }`. Strings that could
   * mean something in nft's syntax are refused, since listings and other tools will show them.
   */
  runJson(commands: JsonObject): void {
    refuseSyntax(commands, 'nftables');
    this.#execute(JSON.stringify(commands), OUTPUT.json | OUTPUT.numericAll);
  }

  /** What `nft --json --handle list <what>` prints: `ruleset`, `table inet gantry`, `map inet gantry ports`. */
  list(what: string): readonly JsonObject[] {
    return this.#list(what, 0);
  }

  /** The same without the elements of sets and maps. */
  listTerse(what: string): readonly JsonObject[] {
    return this.#list(what, OUTPUT.terse);
  }

  #list(what: string, more: number): readonly JsonObject[] {
    const text = this.#execute(`list ${what}`, OUTPUT.json | OUTPUT.handle | OUTPUT.numericAll | more);
    // An empty ruleset prints nothing at all in some versions.
    return text.trim() === '' ? [] : (JSON.parse(text) as { nftables: readonly JsonObject[] }).nftables;
  }

  close(): void {
    this.#library.nft_ctx_free(this.#context);
    lowDescriptors.restore();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #execute(commands: string, flags: number): string {
    const { nft_ctx_output_set_flags: setFlags, nft_run_cmd_from_buffer: runCommands } = this.#library;
    setFlags(this.#context, flags);
    // Interrupted after the kernel has done it, it would say that it failed.
    const failed = withSignalsBlocked(() => runCommands(this.#context, commands)) !== 0;
    // Reading a buffer also empties it: both are read, so that nothing of this run shows up in the next.
    const output = ffi.toString(this.#library.nft_ctx_get_output_buffer(this.#context)) ?? '';
    const errors = ffi.toString(this.#library.nft_ctx_get_error_buffer(this.#context)) ?? '';
    if (failed) throw nftError(errors);
    return output;
  }
}

/** In the network namespace of the calling thread, or in `netnsFd`. Throws 'unavailable' without the library. */
export function openNft(netnsFd?: number): NftSession {
  if (netnsFd === undefined) return open();
  const home = openNamespace('net');
  try {
    return inNetworkNamespace(netnsFd, home, open);
  } finally {
    closeSync(home);
  }
}

function open(): NftSession {
  const library = load();
  const context = lowDescriptors.open(() => library.nft_ctx_new(0), (opened) => library.nft_ctx_free(opened));
  if (context === 0n) throw new GantryError('exhausted', 'libnftables could not open a session with the kernel');
  library.nft_ctx_buffer_output(context);
  library.nft_ctx_buffer_error(context);
  return new NftSession(library, context);
}

type Library = ReturnType<typeof load>;

function load() {
  try {
    return ffi.dlopen('libnftables.so.1', {
      nft_ctx_new: { arguments: ['u32'], return: 'pointer' },
      nft_ctx_free: { arguments: ['pointer'], return: 'void' },
      nft_ctx_output_set_flags: { arguments: ['pointer', 'u32'], return: 'void' },
      nft_ctx_buffer_output: { arguments: ['pointer'], return: 'i32' },
      nft_ctx_buffer_error: { arguments: ['pointer'], return: 'i32' },
      nft_ctx_get_output_buffer: { arguments: ['pointer'], return: 'pointer' },
      nft_ctx_get_error_buffer: { arguments: ['pointer'], return: 'pointer' },
      nft_run_cmd_from_buffer: { arguments: ['pointer', 'string'], return: 'i32' },
    }).functions;
  } catch (cause) {
    throw new GantryError('unavailable', `could not load libnftables.so.1: ${messageOf(cause)}`, {
      hint: 'Install it: apt-get install libnftables1', cause,
    });
  }
}

/** The first line says it; the rest shows the command with a mark under the place. */
function nftError(text: string): GantryError {
  const words = text.trim();
  const kind = /No such file or directory/.test(words) ? 'not-found' : /File exists/.test(words) ? 'conflict'
    : /Operation not permitted/.test(words) ? 'forbidden' : /syntax error|unexpected|Invalid/i.test(words) ? 'invalid' : 'internal';
  const [first = 'no reason given'] = words.split('\n');
  return new GantryError(kind, `the firewall refused a change: ${first}`, { cause: { code: 'NFT', output: words } });
}

function refuseSyntax(value: unknown, path: string): void {
  if (typeof value === 'string' && /["{};\\$\x00-\x1f\x7f]/.test(value)) {
    throw new GantryError('invalid', `not allowed in a firewall rule: ${JSON.stringify(value)} (at ${path})`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) refuseSyntax(child, `${path}.${key}`);
}
