import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { GantryError, messageOf } from '#base/error.ts';

export interface AuditFileOptions {
  readonly path: string;
  /** A file that would have more becomes a backup. */
  readonly mostBytes: number;
  /** 0: any age, any number. */
  readonly mostDays: number;
  readonly mostBackups: number;
  readonly nowMs: () => number;
  readonly log: (line: string) => void;
}

const DAY_MS = 86_400_000;

/**
 * Lines in a file that is turned over, with backups named as upstream's (`audit-2026-11-26T07-55-00.000.log`). A line is with the
 * kernel before its request is answered; what can't be written is told once, and stands in nobody's way.
 */
export class AuditFile {
  readonly #options: AuditFileOptions;
  #file: number;
  #size: number;
  #isFailing = false;

  /** @throws GantryError invalid where the file can't be written to */
  constructor(options: AuditFileOptions) {
    this.#options = options;
    try {
      mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
      [this.#file, this.#size] = open(options.path);
    } catch (cause) {
      throw new GantryError('invalid', `the audit log ${options.path} can't be written: ${messageOf(cause)}`, { cause });
    }
    this.#tidy();
  }

  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (this.#size > 0 && this.#size + bytes.length > this.#options.mostBytes) this.#turnOver();
      writeFileSync(this.#file, bytes);
      this.#size += bytes.length;
      if (this.#isFailing) this.#options.log(`the audit log ${this.#options.path} is written again`);
      this.#isFailing = false;
    } catch (thrown) {
      if (!this.#isFailing) this.#options.log(`the audit log ${this.#options.path} can't be written, and what happens meanwhile is not in it: ${messageOf(thrown)}`);
      this.#isFailing = true;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #turnOver(): void {
    const { path, nowMs } = this.#options;
    const backup = join(dirname(path), `${stem(path)}-${new Date(nowMs()).toISOString().slice(0, -1).replaceAll(':', '-')}${extname(path)}`);
    renameSync(path, backup);
    const old = this.#file;
    [this.#file, this.#size] = open(path);
    closeSync(old);
    this.#tidy();
  }

  #tidy(): void {
    const { path, mostDays, mostBackups, nowMs } = this.#options;
    const prefix = `${stem(path)}-`;
    const backups = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix) && /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/.test(name.slice(prefix.length, name.length - extname(path).length)) && name.endsWith(extname(path))).sort().reverse();
    backups.forEach((name, index) => {
      const file = join(dirname(path), name);
      if ((mostBackups > 0 && index >= mostBackups) || (mostDays > 0 && nowMs() - statSync(file).mtimeMs > mostDays * DAY_MS)) rmSync(file, { force: true });
    });
  }
}

const stem = (path: string): string => basename(path, extname(path));

function open(path: string): [file: number, size: number] {
  const file = openSync(path, 'a', 0o600);
  return [file, fstatSync(file).size];
}
