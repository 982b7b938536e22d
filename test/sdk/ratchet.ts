import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** The names in `test/ratchet/LIST.txt`. */
export function ratchetOf(list: string): string[] {
  return readFileSync(new URL(`../ratchet/${list}.txt`, import.meta.url), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The list and what passes are one: what passes belongs in it, and what is in it passes. */
export function assertRatchet(list: string, passed: readonly string[]): void {
  const listed = ratchetOf(list);
  assert.deepEqual(passed.filter((name) => !listed.includes(name)), [], 'a scenario that passes belongs in the list');
  assert.deepEqual(listed.filter((name) => !passed.includes(name)), [], 'scenarios of the list that do not pass');
}

/** Scenarios of one client. Those that the list does not have yet may fail, and are told as skipped then. */
export class SdkScenarios {
  readonly #list: string;
  readonly #timeoutMs: number;
  readonly #cleanUp: () => Promise<void>;
  readonly #passed: string[] = [];

  constructor(list: string, options: { readonly timeoutMs: number; readonly cleanUp: () => Promise<void> }) {
    this.#list = list;
    this.#timeoutMs = options.timeoutMs;
    this.#cleanUp = options.cleanUp;
  }

  scenario(name: string, run: () => Promise<void>): void {
    test(name, { timeout: this.#timeoutMs }, async (t) => {
      try {
        await run();
        this.#passed.push(name);
      } catch (thrown) {
        if (ratchetOf(this.#list).includes(name)) throw thrown;
        t.skip(`not yet: ${thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown)}`);
      } finally {
        await this.#cleanUp();
      }
    });
  }

  /** The last test of the file. */
  end(): void {
    test('what passes is in the ratchet', () => assertRatchet(this.#list, this.#passed));
  }
}
