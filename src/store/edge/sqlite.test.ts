import assert from 'node:assert/strict';
import { spawnSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { isKind } from '#base/error.ts';
import { storeContract } from '../contract.ts';
import type { JournalSync } from './_journal-sync.ts';
import { openSqliteStore } from './sqlite.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gantry-store-'));
after(() => rmSync(scratch, { recursive: true }));
const counter = { files: 0 };
const newPath = (): string => join(mkdtempSync(join(scratch, 's')), `state-${counter.files++}.db`);

storeContract('the SQLite store', async () => (await openSqliteStore(newPath())).store);

test('what was written is there after the store was closed, with its revisions', async () => {
  const path = newPath();
  const { store } = await openSqliteStore(path);
  await store.put('a', '1');
  await store.put('a', '2');
  await store.delete('a');
  await store.compact(3);
  await store.close();
  await store.close();
  assert.equal(query(path, 'SELECT COUNT(*) AS rows FROM entry')['rows'], 0, 'nothing of what was forgotten takes space');
  const again = await openSqliteStore(path);
  assert.equal(again.quarantine, undefined);
  assert.equal(await again.store.revision(), 3, 'also when its last row was compacted');
  assert.equal((await again.store.create('a', '3')).revision, 4);
  await again.store.close();
});

test('only its owner can read the file and its journal', async () => {
  const path = newPath();
  const { store } = await openSqliteStore(path);
  await store.put('a', '1');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(`${path}-wal`).mode & 0o777, 0o600);
  await store.close();
});

test('a second process is told who is in its way', async () => {
  const path = newPath();
  const { store } = await openSqliteStore(path);
  await assert.rejects(openSqliteStore(path, { busyTimeoutMs: 10 }), (error) => isKind(error, 'unavailable') && /Another process/.test(error.hint ?? ''));
  await store.put('a', 'still works');
  await store.close();
});

test("a newer schema and another program's database are refused and left alone", async () => {
  const newer = newPath();
  await (await openSqliteStore(newer)).store.close();
  alter(newer, 'PRAGMA user_version = 2');
  await assert.rejects(openSqliteStore(newer), (error) => isKind(error, 'unavailable') && /newer/.test(error.message));
  const foreign = newPath();
  alter(foreign, 'CREATE TABLE theirs (a)');
  const before = readFileSync(foreign);
  await assert.rejects(openSqliteStore(foreign), (error) => isKind(error, 'conflict') && error.subject === foreign);
  assert.deepEqual(readFileSync(foreign), before);
  await assert.rejects(openSqliteStore(join(scratch, 'no', 'such', 'directory.db')), (error) => isKind(error, 'unavailable', 'internal'));
});

test('a damaged database is set aside with its reason, and never overwritten', async () => {
  const damages: [string, (path: string) => void, RegExp][] = [
    ['a header of garbage', (path) => overwrite(path, 0, 100), /not a database/],
    ['pages of garbage', (path) => overwrite(path, 4096, 3 * 4096), /malformed|btree|Tree|page/i],
    ['a file cut short', (path) => truncateSync(path, 4096 * 2), /malformed|page/i],
    ['a missing table', (path) => alter(path, 'DROP TABLE progress'), /tables are 'entry'/],
    ['missing progress', (path) => alter(path, 'DELETE FROM progress'), /progress is missing/],
    ['text', (path) => writeFileSync(path, 'this is no database at all, but text that is long enough to be looked at. '.repeat(20)), /not a database/],
  ];
  for (const [what, damage, reason] of damages) {
    const path = newPath();
    const { store } = await openSqliteStore(path);
    for (let index = 0; index < 50; index++) await store.put(`k${index}`, 'x'.repeat(500));
    await store.close();
    damage(path);
    const damaged = readFileSync(path);
    const opened = await openSqliteStore(path);
    assert.equal(opened.quarantine?.path, `${path}.corrupt-1`, what);
    assert.match(opened.quarantine!.reason, reason, what);
    assert.deepEqual(readFileSync(`${path}.corrupt-1`), damaged, what);
    assert.equal(await opened.store.revision(), 0);
    await opened.store.put('new', '1');
    await opened.store.close();
    overwrite(path, 0, 100);
    const second = await openSqliteStore(path);
    assert.equal(second.quarantine?.path, `${path}.corrupt-2`);
    await second.store.close();
  }
});

const CHILD = `
  import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)};
  const { store } = await openSqliteStore(process.argv[1]);
  const say = (line) => process.stdout.write(line + '\\n');
`;
const nodeArguments = (path: string, body: string): string[] => ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', CHILD + body, path];

test('every write that was acknowledged survives a kill', async () => {
  const path = newPath();
  const child = spawn(process.execPath, nodeArguments(path, `
    for (let index = 0; ; index += 3) {
      const writes = [0, 1, 2].map((extra) => store.put('k' + (index + extra), '1').then(() => say('k' + (index + extra))));
      await Promise.all(writes);
    }`), { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.length > 2000) break;
  }
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const acknowledged = output.split('\n').slice(0, -1);
  assert.ok(acknowledged.length > 100);
  const { store, quarantine } = await openSqliteStore(path);
  const keys = new Set((await store.list('')).entries.map((entry) => entry.key));
  assert.deepEqual([quarantine, acknowledged.filter((key) => !keys.has(key))], [undefined, []]);
  await store.close();
});

test('a write that may not have reached the disk is not acknowledged, and none is after it', { skip: needs('strace') }, () => {
  const { stdout } = spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync', '-e', 'inject=fdatasync,fsync:error=EIO:when=40+', process.execPath, ...nodeArguments(newPath(), `
    let written = 0;
    try { while (written < 500) { await store.put('k' + written, '1'); written++; } } catch (error) { say(error.kind); }
    await store.put('later', '1').catch((error) => say(error.kind + ' ' + /no longer written/.test(error.message)));
    say(String((await store.list('').catch(() => ({ entries: [] }))).entries.length <= written + 1));
    process.exit(0);`)], { encoding: 'utf8', timeout: 20_000 });
  assert.equal(stdout, 'internal\nunavailable true\ntrue\n');
});

test('a full disk is named, loses nothing, and ends when there is space', { skip: process.getuid?.() === 0 ? needs('unshare') : 'needs root to mount a small file system' }, () => {
  const mountPoint = mkdtempSync(join(scratch, 'full'));
  const path = join(mountPoint, 'state.db');
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=400k none "$0" && head -c 100k /dev/zero > "$0/ballast" && exec "$@"', mountPoint, process.execPath, ...nodeArguments(path, `
    import { rmSync } from 'node:fs';
    let written = 0;
    try { for (;;) { await store.put('k' + written, 'x'.repeat(2000)); written++; } } catch (error) { say(error.kind + ' ' + written); }
    say(String((await store.list('')).entries.length === written));
    rmSync(${JSON.stringify(join(mountPoint, 'ballast'))});
    say(String((await store.put('later', '1')).revision === written + 1));`)], { encoding: 'utf8', timeout: 20_000 });
  assert.match(stdout, /^exhausted \d\d+\ntrue\ntrue\n$/, stderr);
});

/** A disk that takes as long as the test wants. */
class HeldDisk implements JournalSync {
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  isFast = true;
  syncs = 0;

  sync(): Promise<void> | undefined {
    this.syncs += 1;
    if (this.isFast) return undefined;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  close(): void {}

  release(failure?: Error): void {
    const waiting = this.#waiting.shift();
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(failure);
  }
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('while the disk is slow the loop goes on, nobody is shown what is not on it, and what comes meanwhile shares the next wait', async () => {
  const disk = new HeldDisk();
  const { store } = await openSqliteStore(newPath(), { journal: disk });
  await store.put('a', '0');
  assert.equal(disk.syncs, 1);
  disk.isFast = false;
  const told: string[] = [];
  const watch = store.watch('', 0);
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { events } of watch) for (const { key, entry } of events) seen.push(`${key}=${entry?.value}`);
  })();
  const first = store.put('a', '1').then(() => told.push('first'));
  await turns(3);
  const second = store.update('a', '2', 2).then(() => told.push('second'));
  await turns(1);
  const third = store.create('a', '3').catch((thrown: unknown) => told.push(`third: ${isKind(thrown, 'conflict')}`));
  await turns(3);
  assert.deepEqual([told, disk.syncs, (await store.get('a'))?.value, await store.revision(), (await store.list('')).entries.map(({ value }) => value)], [[], 2, '0', 1, ['0']]);
  assert.deepEqual(seen, ['a=0'], 'a watch that reads the past does not see further');
  disk.release();
  await first;
  await turns(3);
  assert.deepEqual([told, disk.syncs, (await store.get('a'))?.value], [['first'], 3, '1']);
  disk.release();
  await Promise.all([second, third]);
  assert.deepEqual([told, (await store.get('a'))?.value, await store.revision()], [['first', 'second', 'third: true'], '2', 3]);
  await turns(3);
  assert.deepEqual(seen, ['a=0', 'a=1', 'a=2'], 'each once');
  const last = store.put('b', '1');
  const closed = store.close();
  await turns(2);
  disk.release();
  await Promise.all([last, closed, watching]);
});

test('what the disk loses in the background is not acknowledged, nor is anything after it', async () => {
  const disk = new HeldDisk();
  const { store } = await openSqliteStore(newPath(), { journal: disk });
  disk.isFast = false;
  const refused = (write: Promise<unknown>): Promise<string> => write.then(() => 'written', (thrown: unknown) => thrown instanceof Error ? thrown.message : '');
  const writes = [refused(store.put('a', '1'))];
  await turns(2);
  writes.push(refused(store.put('b', '1')));
  await turns(2);
  disk.release(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
  for (const message of await Promise.all(writes)) assert.match(message, /failed while it was written: EIO/);
  await assert.rejects(store.put('c', '1'), (error) => isKind(error, 'unavailable') && /no longer written to/.test(error.message));
  await store.close();
});

function query(path: string, sql: string): Record<string, unknown> {
  const database = new DatabaseSync(path);
  const row = database.prepare(sql).get() as Record<string, unknown>;
  database.close();
  return row;
}

function alter(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function overwrite(path: string, offset: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, new Uint8Array(length).fill(0xa5), 0, length, offset);
  closeSync(file);
}

function needs(program: string): string | false {
  return ['/usr/bin', '/bin', '/usr/sbin'].some((directory) => existsSync(join(directory, program))) ? false : `needs ${program}`;
}
