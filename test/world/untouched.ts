import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { TestDaemon } from './daemon.ts';
import { ask } from './http.ts';
import { footprint } from './leaks.ts';
import { placeOf } from './place.ts';
import { eventually } from './waiting.ts';

/** What the file says. */
export const SENTINEL = 'nobody may change this';

/** A file of the host that nobody may change, beside a daemon that has to go on and to leave nothing, whatever it is handed. */
export class Untouched {
  readonly daemon: TestDaemon;
  readonly outside = mkdtempSync('/tmp/gantry-outside-');
  readonly sentinel = `${this.outside}/sentinel`;
  readonly #pid: number;
  #atFirst = '';

  constructor(daemon: TestDaemon) {
    this.daemon = daemon;
    this.#pid = daemon.pid;
  }

  /** Before what may do harm. */
  async begin(): Promise<void> {
    writeFileSync(this.sentinel, SENTINEL, { mode: 0o600 });
    // Trees that were removed go in the background.
    await eventually('nothing is on its way out', () => footprint(placeOf(this.daemon)).temporary, (names) => names.every((name) => !name.startsWith('.gone-')));
    this.#atFirst = this.#footprint();
  }

  /** After it. */
  async check(): Promise<void> {
    const { daemon, sentinel, outside } = this;
    assert.equal(readFileSync(sentinel, 'utf8'), SENTINEL);
    assert.equal(statSync(sentinel).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(outside), ['sentinel']);
    assert.equal(daemon.pid, this.#pid);
    assert.equal((await ask(daemon.socket, 'GET', '/_ping')).text, 'OK');
    await eventually('nothing is left', () => this.#footprint(), (now) => now === this.#atFirst);
    assert.equal(daemon.log.includes('unhandled'), false, daemon.log);
  }

  remove(): void {
    rmSync(this.outside, { recursive: true, force: true });
  }

  #footprint(): string {
    return JSON.stringify(footprint(placeOf(this.daemon)));
  }
}
