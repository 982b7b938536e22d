import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import ffi from 'node:ffi';
import { connect } from 'node:net';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { Buildx } from '../dockerfile/buildx.ts';
import { ask, type Answer } from './http.ts';
import { forgeTar } from './forge.ts';
import { eventually, sleep } from './waiting.ts';

/*
 * Started by test/crash/power-cut.test.ts in a mount namespace of its own: a daemon whose root is an ext4 file system on a loop
 * device, to which power is cut at random moments of a pull, a load, a build, a removal or a prune. EXT4_IOC_SHUTDOWN without flushing the
 * journal leaves on the disk what a power cut would: what was synced, and nothing that was not.
 */
const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
const EXT4_IOC_SHUTDOWN = 0x8004587dn;
const NO_LOG_FLUSH = 2;
const LONGEST_MS = 350;
const LONGEST_BUILD_MS = 900;
/** A file that is as large becomes the layer's own. */
const TAKEN_BYTES = 12 << 20;
/** Far more than it takes, also on a machine that has much else to do. */
const READY_MS = 60_000;
/** Layers of each image, and the bytes of each of their files. */
const IMAGES = { one: [1, 8000], two: [2, 30_000], three: [4, 50_000] } as const;
type ImageName = keyof typeof IMAGES;
const NAMES = Object.keys(IMAGES) as ImageName[];
const FILES = 60;

const [directory = '', seed = '1', cuts = '3'] = process.argv.slice(2);
const random = new SeededRandom(seed);
const { ioctl } = ffi.dlopen('libc.so.6', { ioctl: { arguments: ['i32', 'u64', 'buffer'], return: 'i32' } }).functions;
const disk = `${directory}/disk`;
const socket = `${directory}/run/gantry.sock`;
const buildx = Buildx.open(new URL('../..', import.meta.url).pathname, socket);
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
  // The kernel takes namespaces of what was killed away later: as long as one has the disk mounted, it is the one that was cut off.
  await eventually('the disk is another mount', mounted, (isNew) => isNew, 10_000);
}

function mounted(): boolean {
  run('mount', '-o', 'loop', `${directory}/image`, disk);
  try {
    rmdirSync(mkdtempSync(`${disk}/probe-`));
    return true;
  } catch {
    run('umount', disk);
    return false;
  }
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

/** An archive as `docker save` writes it. */
function forgeImage(name: string, image: ImageName): Buffer {
  const [count, bytes] = IMAGES[image];
  const layers = Array.from({ length: count }, (_, layer) => forgeTar(Array.from({ length: FILES }, (_, index) => ({ name: `${layer}-${index}`, data: randomBytes(bytes) }))));
  const diffIds = layers.map((tar) => `sha256:${createHash('sha256').update(tar).digest('hex')}`);
  const config = JSON.stringify({ architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux', config: { Cmd: ['/none'] }, rootfs: { type: 'layers', diff_ids: diffIds } });
  return forgeTar([
    ...layers.map((data, index) => ({ name: `${index}.tar`, data })), { name: 'config.json', data: config },
    { name: 'manifest.json', data: JSON.stringify([{ Config: 'config.json', RepoTags: [`${name}:1`], Layers: layers.map((_, index) => `${index}.tar`) }]) },
  ]);
}

type Operation = 'pull' | 'load' | 'build' | 'remove' | 'prune';

/** Of a file that the layer takes from the context, and of one that it has a copy of; both new each time. */
async function build(buildx: Buildx, tag: string): Promise<Answer> {
  const context = mkdtempSync(`${directory}/context-`);
  writeFileSync(`${context}/Dockerfile`, 'FROM scratch\nCOPY large /in/large\nCOPY small /small\n');
  writeFileSync(`${context}/large`, randomBytes(TAKEN_BYTES));
  writeFileSync(`${context}/small`, randomBytes(100_000));
  const { code, stderr } = await buildx.run(['build', '--quiet', '--tag', tag, '.'], context);
  rmSync(context, { recursive: true });
  return { status: code === 0 ? 200 : 500, text: stderr } as Answer;
}

function begin(operation: Operation, name: string, archive: Buffer): Promise<Answer> {
  switch (operation) {
    case 'build': return typeof buildx === 'string' ? Promise.reject(new Error(buildx)) : build(buildx, `${name}:1`);
    case 'remove': return ask(socket, 'DELETE', `/v1.51/images/${name}:1`);
    case 'prune': return post(`/images/prune?filters=${encodeURIComponent('{"dangling":["false"]}')}`);
    case 'pull': return post(`/images/create?fromImage=${encodeURIComponent(`${name}:1`)}`);
    case 'load': return post('/images/load', archive, { 'Content-Type': 'application/x-tar' });
  }
}

async function main(registry: string): Promise<void> {
  mkdirSync(disk);
  run('truncate', '-s', '256M', `${directory}/image`);
  run('mkfs.ext4', '-q', '-F', `${directory}/image`);
  run('mount', '-o', 'loop', `${directory}/image`, disk);
  await up();
  const nameOf = (image: string): string => `${registry}/cut/${image}`;
  const archives = new Map<string, Buffer>();
  for (const image of NAMES) {
    archives.set(image, forgeImage(nameOf(image), image));
    for (const answer of [await begin('load', nameOf(image), archives.get(image)!), await post(`/images/${nameOf(image)}/push?tag=1`)]) assert.ok(succeeded(answer), answer.text);
  }
  /** What was acknowledged; undefined where an operation was cut off, so that either is right. */
  const expected = new Map<ImageName, boolean | undefined>(NAMES.map((image) => [image, true]));
  for (let cut = 1; cut <= Number(cuts); cut += 1) {
    const image = NAMES[random.below(NAMES.length)]!;
    const isThere = (await ask(socket, 'GET', `/v1.51/images/${nameOf(image)}:1/json`)).status === 200;
    const operations: readonly Operation[] = isThere ? ['remove', 'prune'] : typeof buildx === 'string' ? ['pull', 'load'] : ['pull', 'load', 'build'];
    const operation = operations[random.below(operations.length)]!;
    const touched = operation === 'prune' ? NAMES : [image];
    let acknowledged = false;
    const work = begin(operation, nameOf(image), archives.get(image)!).then((answer) => { acknowledged = succeeded(answer); }, () => undefined);
    // What was gone before a prune stays gone.
    for (const each of touched) if (operation !== 'prune' || expected.get(each) === true) expected.set(each, undefined);
    await sleep(random.below(isThere ? 40 : operation === 'build' ? LONGEST_BUILD_MS : LONGEST_MS));
    const wasAcknowledged = acknowledged;
    await cutPower();
    await work;
    if (wasAcknowledged) for (const each of touched) expected.set(each, !isThere);
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
  if (typeof buildx !== 'string') buildx.close();
  await down();
  try {
    run('umount', disk);
  } catch { /* it was not mounted */ }
}
process.exit(0);
