import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import ffi from 'node:ffi';
import { connect } from 'node:net';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ask, download, type Answer } from './http.ts';
import { forgeTar } from './forge.ts';
import { eventually, sleep } from './waiting.ts';

/*
 * Started by test/crash/power-cut.test.ts in a mount namespace of its own: a daemon whose root is an ext4 file system on a loop
 * device, to which power is cut at random moments of a pull, a load or a removal. EXT4_IOC_SHUTDOWN without flushing the
 * journal leaves on the disk what a power cut would: what was synced, and nothing that was not.
 */
const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
const EXT4_IOC_SHUTDOWN = 0x8004587dn;
const NO_LOG_FLUSH = 2;
const LONGEST_MS = 350;
/** Far more than it takes, also on a machine that has much else to do. */
const READY_MS = 60_000;
const IMAGES = ['one', 'two', 'three'] as const;

const [directory = '', seed = '1', cuts = '3'] = process.argv.slice(2);
const random = new SeededRandom(seed);
const { ioctl } = ffi.dlopen('libc.so.6', { ioctl: { arguments: ['i32', 'u64', 'buffer'], return: 'i32' } }).functions;
const disk = `${directory}/disk`;
const socket = `${directory}/run/gantry.sock`;
let daemon: ChildProcess | undefined;

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'pipe' });
}

async function up(): Promise<void> {
  const log = openSync(`${directory}/daemon.log`, 'a');
  daemon = spawn(LAUNCHER, ['daemon', '--host', `unix://${socket}`, '--root', `${disk}/root`, '--run', `${directory}/run`, '--image-gc', 'off'], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const started = daemon;
  const answers = (): Promise<boolean> => new Promise((resolve) => {
    const probe = connect(socket, () => { probe.destroy(); resolve(true); });
    probe.once('error', () => resolve(false));
  });
  const state = await eventually('the daemon comes back', async () => (await answers() ? 'answers' : started.exitCode === null ? 'starts' : `ended with ${started.exitCode}`), (found) => found !== 'starts', READY_MS)
    .catch(() => 'does not answer');
  assert.equal(state, 'answers', `the daemon ${state}; its log ends:\n${readFileSync(`${directory}/daemon.log`, 'utf8').slice(-2000)}`);
}

/** The daemon and the children that work for it. */
async function down(): Promise<void> {
  const child = daemon;
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}

async function cutPower(): Promise<void> {
  const root = openSync(disk, 'r');
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(NO_LOG_FLUSH);
  assert.equal(ioctl(root, EXT4_IOC_SHUTDOWN, flags), 0, 'the file system is shut down');
  closeSync(root);
  await down();
  await eventually('the disk can be unmounted', () => {
    try {
      run('umount', disk);
      return '';
    } catch (thrown) {
      return String(thrown);
    }
  }, (words) => words === '', 10_000);
  run('mount', '-o', 'loop', `${directory}/image`, disk);
}

const post = (path: string, body?: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> => ask(socket, 'POST', `/v1.51${path}`, { headers, ...(body === undefined ? {} : { body }) });
const succeeded = ({ status, text }: Answer): boolean => status < 300 && !text.includes('"error"');

/** Every image that the daemon lists can be made again byte for byte: its layers hash to what its config says. */
async function wholeImages(): Promise<string[]> {
  const list = JSON.parse((await ask(socket, 'GET', '/v1.51/images/json')).text) as { Id: string; RepoTags: string[] }[];
  for (const { Id } of list) {
    const saved = await ask(socket, 'GET', `/v1.51/images/${Id}/get`).catch((thrown: unknown) => ({ status: 0, text: String(thrown) }));
    assert.equal(saved.status, 200, `${Id} is whole: ${saved.text.slice(0, 200)}`);
  }
  return list.flatMap(({ RepoTags }) => RepoTags);
}

async function main(registry: string): Promise<void> {
  mkdirSync(disk);
  run('truncate', '-s', '256M', `${directory}/image`);
  run('mkfs.ext4', '-q', '-F', `${directory}/image`);
  run('mount', '-o', 'loop', `${directory}/image`, disk);
  await up();
  const nameOf = (image: string): string => `${registry}/cut/${image}`;
  const archives = new Map<string, Buffer>();
  for (const image of IMAGES) {
    const entries = Array.from({ length: 60 }, (_, index) => ({ name: `f${index}`, data: randomBytes(8000) }));
    assert.ok(succeeded(await post(`/images/create?fromSrc=-&repo=${encodeURIComponent(nameOf(image))}&tag=1`, forgeTar(entries), { 'Content-Type': 'application/x-tar' })));
    assert.ok(succeeded(await post(`/images/${nameOf(image)}/push?tag=1`)));
    archives.set(image, await download(socket, `/v1.51/images/${nameOf(image)}:1/get`));
  }
  /** What was acknowledged; undefined where an operation was cut off, so that either is right. */
  const expected = new Map<string, boolean | undefined>(IMAGES.map((image) => [image, true]));
  for (let cut = 1; cut <= Number(cuts); cut += 1) {
    const image = IMAGES[random.below(IMAGES.length)]!;
    const isThere = (await ask(socket, 'GET', `/v1.51/images/${nameOf(image)}:1/json`)).status === 200;
    const operation = isThere ? 'remove' : random.below(2) === 0 ? 'pull' : 'load';
    let acknowledged = false;
    const work = (operation === 'remove' ? ask(socket, 'DELETE', `/v1.51/images/${nameOf(image)}:1`)
      : operation === 'pull' ? post(`/images/create?fromImage=${encodeURIComponent(`${nameOf(image)}:1`)}`)
        : post('/images/load', archives.get(image)!, { 'Content-Type': 'application/x-tar' })).then((answer) => { acknowledged = succeeded(answer); }, () => undefined);
    expected.set(image, undefined);
    await sleep(random.below(operation === 'remove' ? 40 : LONGEST_MS));
    const wasAcknowledged = acknowledged;
    await cutPower();
    await work;
    if (wasAcknowledged) expected.set(image, operation !== 'remove');
    await up();
    const there = await wholeImages();
    for (const [name, isExpected] of expected) {
      const found = there.includes(`${nameOf(name)}:1`);
      if (isExpected !== undefined) assert.equal(found, isExpected, `cut ${cut} of seed ${seed}, ${operation} of ${image}: ${name} was acknowledged as ${isExpected ? 'there' : 'gone'}`);
      expected.set(name, found);
    }
    await eventually('nothing half done is left', () => readdirSync(`${disk}/root/snapshots/layers`).filter((name) => name.startsWith('.')), (names) => names.length === 0);
    console.log(`${cut} ${operation} ${wasAcknowledged ? 'acknowledged' : 'cut off'}`);
  }
}

const registryPort = process.argv[5] ?? '';
try {
  await main(`127.0.0.1:${registryPort}`);
} finally {
  await down();
  try {
    run('umount', disk);
  } catch { /* it was not mounted */ }
}
process.exit(0);
