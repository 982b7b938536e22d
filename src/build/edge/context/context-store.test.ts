import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GantryError } from '#base/error.ts';
import type { TreeNodeType } from '#image/snapshot/tree-selection.ts';
import type { Arrival } from '#image/snapshot/tree-work.ts';
import { PACKET, PACKET_TYPE } from '../../wire/session.ts';
import { encode, type Decoded, type Init } from '../../wire/protobuf.ts';
import { ContextStore } from './context-store.ts';
import { goModeOf } from './file-mode.ts';
import type { PacketCall } from './receive.ts';

type Packet = Decoded<typeof PACKET>;

interface FakeFile {
  readonly path: string;
  readonly data?: string;
  readonly link?: string;
  readonly type?: TreeNodeType;
  readonly device?: readonly [major: number, minor: number];
  readonly time?: bigint;
  readonly mode?: number;
}

/** As it came in frames of HTTP/2. */
function inPieces(bytes: Uint8Array, turn: number): Uint8Array[] {
  const at = turn % 3 === 0 ? bytes.length : Math.min(bytes.length, 3 + (turn * 7) % 40);
  return [bytes.subarray(0, at), bytes.subarray(at)].filter(({ length }) => length > 0);
}

/** A client that has these files. Answers also how many bytes it was asked for. */
function client(files: readonly FakeFile[]): { call: PacketCall; sent: () => number } {
  const queue: Packet[] = [];
  let more = Promise.withResolvers<void>();
  let sent = 0;
  const put = (packet: Init<typeof PACKET>): void => {
    queue.push({ type: 0, stat: undefined, id: 0, data: new Uint8Array(), ...packet } as Packet);
    more.resolve();
    more = Promise.withResolvers();
  };
  for (const { path, data = '', link = '', type = 'file', device: [devmajor, devminor] = [0, 0], time = 1_600_000_000_000_000_000n, mode = type === 'directory' ? 0o755 : 0o644 } of files) {
    put({ type: PACKET_TYPE.stat, stat: { path, mode: goModeOf(type, mode), uid: 0, gid: 0, size: data.length, modTime: time, linkname: link, devmajor, devminor, xattrs: new Map() } });
  }
  put({ type: PACKET_TYPE.stat });
  let isEnded = false;
  const call: PacketCall = {
    messages: (async function* () {})(),
    // Now two at a time, now three: where a batch ends means nothing.
    frames: (async function* () {
      for (let turn = 0; ; turn += 1) {
        const next = queue.splice(0, 2 + turn % 2);
        if (next.length > 0) yield next.map((packet) => inPieces(encode(PACKET, packet), turn));
        else if (isEnded) return;
        else await more.promise;
      }
    })(),
    async send(packet) {
      if (packet.type === PACKET_TYPE.fin) {
        isEnded = true;
        more.resolve();
        return;
      }
      const data = new TextEncoder().encode(files[packet.id ?? 0]?.data ?? '');
      sent += data.length;
      if (data.length > 0) put({ type: PACKET_TYPE.data, id: packet.id ?? 0, data });
      put({ type: PACKET_TYPE.data, id: packet.id ?? 0 });
    },
    end() {},
    cancel() {},
  };
  return { call, sent: () => sent };
}

const root = mkdtempSync(join(tmpdir(), 'gantry-contexts-'));
after(() => rmSync(root, { recursive: true }));
let count = 0;
const open = async (): Promise<ContextStore> => await ContextStore.open(join(root, String(count += 1)));
const quiet = { transferred: () => undefined };
const all = [{ parts: [], rules: [], follow: true }];

test('a context is received as it is, and only what changed is asked for again', async () => {
  const store = await open();
  const files: FakeFile[] = [{ path: 'd', type: 'directory' }, { path: 'd/a', data: 'aaaa', mode: 0o750 }, { path: 'd/l', type: 'symlink', link: '../x' }, { path: 'same', data: 'aaaa', link: 'd/a' }, { path: 'x', data: 'xx' }];
  const first = client(files);
  const tree = await store.sync('key', first.call, quiet);
  assert.equal(first.sent(), 6);
  assert.equal(readFileSync(join(tree.path, 'd/a'), 'utf8'), 'aaaa');
  assert.equal(statSync(join(tree.path, 'd/a')).mode & 0o7777, 0o750);
  assert.equal(statSync(join(tree.path, 'd/a')).ino, statSync(join(tree.path, 'same')).ino);
  assert.equal(statSync(join(tree.path, 'x')).mtimeMs, 1_600_000_000_000);
  assert.ok(lstatSync(join(tree.path, 'd/l')).isSymbolicLink());
  tree.release();
  const again = client(files);
  const second = await store.sync('key', again.call, quiet);
  assert.equal(again.sent(), 0);
  assert.equal(second.index.digest(all), tree.index.digest(all));
  second.release();
  const changed = client([files[0] as FakeFile, files[1] as FakeFile, { path: 'x', data: 'yyy', time: 7n }]);
  const third = await store.sync('key', changed.call, quiet);
  assert.equal(changed.sent(), 3);
  assert.deepEqual(readdirSync(third.path).sort(), ['d', 'x']);
  assert.notEqual(third.index.digest(all), tree.index.digest(all));
  third.release();
});

test('a list that is the same only up to some place is read as any other', async () => {
  const store = await open();
  const files: FakeFile[] = [{ path: 'a', data: 'aa' }, { path: 'd', type: 'directory' }, { path: 'd/b', data: 'bb' }, { path: 'e', data: 'ee' }];
  const [a, d, b, e] = files as [FakeFile, FakeFile, FakeFile, FakeFile];
  const sync = async (listed: readonly FakeFile[]): Promise<readonly [digest: string, sent: number]> => {
    const { call, sent } = client(listed);
    const tree = await store.sync('key', call, quiet);
    tree.release();
    return [tree.index.digest(all), sent()];
  };
  const changes: readonly (readonly [files: readonly FakeFile[], sent: number])[] = [
    [files, 6], [files, 0], [[a, d, b], 0], [files, 2], [[a, d, { ...b, data: 'cc', time: 5n }, e], 2], [[a, d, { ...b, data: 'cc', time: 5n }, e], 0],
    [[a, { ...d, time: 7n }, { ...b, data: 'cc', time: 5n }, e], 0], [[a, { ...d, time: 7n }, { ...b, data: 'cc', time: 5n }, e, { path: 'f', data: 'ffff' }], 4], [[], 0], [files, 6],
  ];
  for (const [listed, expected] of changes) {
    const [digest, sent] = await sync(listed);
    assert.equal(sent, expected);
    const fresh = await store.sync(JSON.stringify(listed, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)), client(listed).call, quiet);
    assert.equal(digest, fresh.index.digest(all));
    fresh.release();
  }
});

test('a large file that changes is written where it is, unless an earlier tree has it still', async () => {
  const store = await open();
  const sync = (letter: string, size: number): ReturnType<ContextStore['sync']> => store.sync('key', client([{ path: 'large', data: letter.repeat(size), time: BigInt(letter.charCodeAt(0)) }]).call, quiet);
  const inodeOf = ({ path }: { readonly path: string }): number => statSync(join(path, 'large')).ino;
  const first = await sync('a', 10 << 20);
  const inode = inodeOf(first);
  first.release();
  const second = await sync('b', 9 << 20);
  assert.deepEqual([inodeOf(second), readFileSync(join(second.path, 'large'), 'utf8')], [inode, 'b'.repeat(9 << 20)]);
  const third = await sync('c', 10 << 20);
  assert.notEqual(inodeOf(third), inode);
  for (const [tree, text] of [[second, 'b'.repeat(9 << 20)], [third, 'c'.repeat(10 << 20)]] as const) {
    assert.equal(readFileSync(join(tree.path, 'large'), 'utf8'), text);
    tree.release();
  }
});

test('a large file that a layer has taken is none to write over', async () => {
  const store = await open();
  const sync = (letter: string): ReturnType<ContextStore['sync']> => store.sync('key', client([{ path: 'large', data: letter.repeat(9 << 20), time: BigInt(letter.charCodeAt(0)) }, { path: 'same', link: 'large' }, { path: 'small', data: 's' }]).call, quiet);
  const first = await sync('a');
  assert.deepEqual(first.index.largeFiles(), ['large'], 'neither a further name nor what is small');
  const layer = join(root, `layer-${count}`);
  linkSync(join(first.path, 'large'), layer);
  first.release();
  const second = await sync('b');
  assert.equal(readFileSync(layer, 'utf8'), 'a'.repeat(9 << 20));
  assert.equal(readFileSync(join(second.path, 'large'), 'utf8'), 'b'.repeat(9 << 20));
  second.release();
});

test('a large file that changes leaves nothing behind', async () => {
  const store = await open();
  const directory = join(root, String(count));
  for (const letter of ['a', 'b']) {
    const tree = await store.sync('key', client([{ path: 'd', type: 'directory' }, { path: 'd/large', data: letter.repeat(9 << 20), time: BigInt(letter.charCodeAt(0)) * 1_000_000_000n }]).call, quiet);
    assert.equal(readFileSync(join(tree.path, 'd/large'), 'utf8').slice(0, 2), letter + letter);
    tree.release();
  }
  const without = await store.sync('key', client([]).call, quiet);
  assert.deepEqual(readdirSync(without.path), []);
  without.release();
  const place = join(directory, readdirSync(directory).find((name) => !name.startsWith('.')) ?? '');
  while (readdirSync(place).length > 2) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a build that still reads a context sees it as it was', async () => {
  const store = await open();
  const held = await store.sync('key', client([{ path: 'f', data: 'old' }]).call, quiet);
  const next = await store.sync('key', client([{ path: 'f', data: 'new', time: 9n }]).call, quiet);
  assert.equal(readFileSync(join(held.path, 'f'), 'utf8'), 'old');
  assert.equal(readFileSync(join(next.path, 'f'), 'utf8'), 'new');
  held.release();
  assert.equal(readFileSync(join(next.path, 'f'), 'utf8'), 'new');
  next.release();
});

test('FIFOs and devices are nodes of a context; a socket is none', { skip: process.getuid?.() === 0 ? false : 'making device nodes takes root' }, async () => {
  const store = await open();
  const time = 978_307_200_000_000_000n;
  const sync = (minor: number): ReturnType<ContextStore['sync']> => store.sync('key', client([
    { path: 'd', type: 'directory', time }, { path: 'd/p', type: 'fifo', mode: 0o640, time }, { path: 'd/c', type: 'character', mode: 0o604, device: [1, minor], time },
    { path: 'd/b', type: 'block', mode: 0o600, device: [7, 0], time }, { path: 'd/s', type: 'socket', mode: 0o755, time },
  ]).call, quiet);
  const first = await sync(3);
  const nodes = readdirSync(join(first.path, 'd')).sort().map((name) => ({ name, status: lstatSync(join(first.path, 'd', name)) }));
  assert.deepEqual(nodes.map(({ name, status }) => [name, status.isFIFO(), status.isCharacterDevice(), status.isBlockDevice(), (status.mode & 0o7777).toString(8), status.mtimeMs]), [
    ['b', false, false, true, '600', 978_307_200_000], ['c', false, true, false, '604', 978_307_200_000], ['p', true, false, false, '640', 978_307_200_000],
  ]);
  assert.equal(nodes[1]?.status.rdev, 0x103);
  assert.equal(lstatSync(join(first.path, 'd')).mtimeMs, 978_307_200_000);
  const digest = first.index.digest(all);
  first.release();
  const again = await sync(3);
  assert.equal(again.index.digest(all), digest);
  again.release();
  const other = await sync(5);
  assert.notEqual(other.index.digest(all), digest, 'another device is another file');
  assert.equal(lstatSync(join(other.path, 'd/c')).rdev, 0x105);
  other.release();
});

test('names that lead out of the context are refused', async () => {
  const store = await open();
  for (const path of ['../x', '/x', 'a/../../x', 'a//b', './a', 'a/', 'a\0b']) await assert.rejects(store.sync(path, client([{ path, data: 'x' }]).call, quiet), /no relative path|before the directory/, path);
});

test('a file below a link is refused, so no link is ever followed', async () => {
  const store = await open();
  await assert.rejects(store.sync('k', client([{ path: 'l', type: 'symlink', link: '/etc' }, { path: 'l/passwd', data: 'x' }]).call, quiet), /before the directory/);
  const tree = await store.sync('k', client([{ path: 'l', type: 'symlink', link: '/etc/passwd' }]).call, quiet);
  tree.release();
  const file = await store.sync('k', client([{ path: 'l', data: 'mine' }]).call, quiet);
  assert.equal(readFileSync(join(file.path, 'l'), 'utf8'), 'mine');
  assert.ok(lstatSync(join(file.path, 'l')).isFile());
  file.release();
});

test('another name has to be one of the context', async () => {
  const store = await open();
  await assert.rejects(store.sync('k', client([{ path: 'h', data: 'x', link: '../../etc/passwd' }]).call, quiet), /no relative path/);
  await assert.rejects(store.sync('k2', client([{ path: 'h', data: 'x', link: 'later' }]).call, quiet), /did not come before/);
});

test('1,000 pairs of contexts with equal names, sizes and times share no digest (S-510)', async () => {
  const store = await open();
  const digests = new Set<string>();
  for (let pair = 0; pair < 1000; pair += 1) {
    for (const side of ['a', 'b']) {
      const tree = await store.sync(`context ${pair} ${side}`, client([{ path: 'file', data: `${String(pair).padStart(8, '0')}${side}` }]).call, quiet);
      digests.add(tree.index.digest([{ parts: [{ name: 'file' }], rules: [], follow: true }]));
      tree.release();
    }
  }
  assert.equal(digests.size, 2000);
});

test('when nothing but large files is missing, that is told: all else is as it will be', async () => {
  const store = await open();
  const files: FakeFile[] = [{ path: 'd', type: 'directory', mode: 0o750, time: 5_000_000_000n }, { path: 'd/large', data: 'l'.repeat(9 << 20), mode: 0o600, time: 6_000_000_000n }, { path: 'd/small', data: 's' }, { path: 'e', data: 'e' }];
  const told: unknown[] = [];
  const steps: number[] = [];
  let whole: Promise<void> | undefined;
  const watcher = {
    ...quiet,
    coming: (directory: string, arrival: Arrival) => {
      const { mode, mtimeMs } = statSync(join(directory, 'd'));
      told.push([mode & 0o7777, mtimeMs, readFileSync(join(directory, 'd/small'), 'utf8') + readFileSync(join(directory, 'e'), 'utf8'), arrival.files]);
      assert.deepEqual([statSync(join(directory, 'd/large')).mode & 0o7777, statSync(join(directory, 'd/large')).mtimeMs], [0o600, 6000]);
      arrival.follow((_index, bytes) => void steps.push(bytes));
      whole = arrival.whole;
    },
  };
  const tree = await store.sync('key', client(files).call, watcher);
  assert.deepEqual(told, [[0o750, 5000, 'se', [{ path: 'd/large', size: 9 << 20, modifiedNs: 6_000_000_000n }]]]);
  assert.equal(steps.at(-1), 9 << 20);
  await whole;
  tree.release();
  // Further names are made when all has come.
  await store.sync('linked', client([...files, { path: 'f', link: 'd/large' }]).call, { ...quiet, coming: () => assert.fail('there is a link') });
});

test('a file that comes in the place of a longer one has its length at once', async () => {
  const store = await open();
  const sync = async (bytes: number, time: bigint, coming: (path: string) => void): Promise<void> => {
    const watcher = { ...quiet, coming: (directory: string) => coming(join(directory, 'large')) };
    (await store.sync('key', client([{ path: 'large', data: 'l'.repeat(bytes), time }]).call, watcher)).release();
  };
  await sync(12 << 20, 1n, () => undefined);
  let sizes: readonly number[] = [];
  await sync(9 << 20, 2n, (path) => { sizes = [statSync(path).size]; });
  assert.deepEqual(sizes, [9 << 20]);
});

test('of a few small files it is told that they come, before they do', async () => {
  const store = await open();
  const files: FakeFile[] = [{ path: 'd', type: 'directory', time: 5_000_000_000n }, { path: 'd/a', data: 'a' }, { path: 'b', data: 'b' }];
  let told = 0;
  let whole: Promise<unknown> = Promise.resolve();
  const watcher = { ...quiet, coming: (directory: string, arrival: Arrival) => {
    told += 1;
    assert.deepEqual([arrival.isAllElseThere, arrival.files.map(({ path }) => path), existsSync(join(directory, 'd/a'))], [false, ['d/a', 'b'], false]);
    whole = arrival.whole.then(() => assert.deepEqual([readFileSync(join(directory, 'd/a'), 'utf8'), statSync(join(directory, 'd')).mtimeMs], ['a', 5000]));
  } };
  (await store.sync('key', client(files).call, watcher)).release();
  await whole;
  (await store.sync('key', client(files).call, watcher)).release();
  assert.equal(told, 1, 'nothing came the second time');
  const nobody = { ...quiet, coming: ({}, { isAllElseThere }: Arrival) => assert.ok(isAllElseThere, 'there is a large one, or there are many') };
  (await store.sync('large', client([...files, { path: 'large', data: 'l'.repeat(8 << 20) }]).call, nobody)).release();
  (await store.sync('many', client(Array.from({ length: 200 }, (_, index) => ({ path: `f${index}`, data: 'f' }))).call, nobody)).release();
});

test('a large file that does not come as it was listed, or not at all, is told of', async () => {
  for (const isCutOff of [false, true]) {
    const store = await open();
    const { call } = client([{ path: 'large', data: 'l'.repeat(9 << 20) }]);
    let whole = Promise.resolve();
    const sent: PacketCall = {
      ...call,
      frames: (async function* () {
        for await (const batch of call.frames) {
          for (const pieces of batch) {
            const bytes = Buffer.concat(pieces);
            if (bytes.length < 9 << 20) yield [[bytes]];
            else if (isCutOff) return;
            else yield [[encode(PACKET, { type: PACKET_TYPE.data, id: 0, data: new Uint8Array(8 << 20) })]];
          }
        }
      })(),
    };
    const done = store.sync('key', sent, { ...quiet, coming: (_, arrival) => { whole = arrival.whole; } });
    if (isCutOff) await assert.rejects(done, /ended the transfer/);
    else (await done).release();
    await assert.rejects(whole, isCutOff ? /did not come/ : /not as it was listed/);
  }
});

test('who reads a large file may take its digest; where nobody does after all, it is taken from the disk', async () => {
  const content = 'l'.repeat(9 << 20);
  const known = createHash('sha256').update(content).digest('hex');
  for (const [told, sha256] of [[() => Promise.resolve('ab'.repeat(32)), 'ab'.repeat(32)], [() => Promise.reject(new TypeError('gone')), known]] as const) {
    const store = await open();
    const tree = await store.sync('key', client([{ path: 'large', data: content }]).call, { ...quiet, coming: (_, arrival) => arrival.digest(0, told()) });
    assert.equal(tree.index.get('large')?.sha256, sha256);
    tree.release();
  }
});

test('of each transfer is told how much came and went', async () => {
  const told: number[][] = [];
  const store = await ContextStore.open(join(root, 'told'), () => {
    const transfer: number[] = [];
    told.push(transfer);
    return { passed: (bytes) => transfer.push(bytes) };
  });
  for (const data of ['aaaa', 'aaaaaa', 'aaaaaa']) (await store.sync('k', client([{ path: 'a', data }]).call, quiet)).release();
  assert.deepEqual(told.map((bytes) => bytes.reduce((sum, each) => sum + each, 0)), [4, 6, 0]);
});

test('what an interrupted transfer left is received anew', async () => {
  const place = join(root, 'interrupted');
  const store = await ContextStore.open(place);
  const call = client([{ path: 'a', data: 'aaaa' }, { path: 'b', data: 'bbbb' }]).call;
  let asked = 0;
  await assert.rejects(store.sync('k', { ...call, send: async (packet) => { if ((asked += 1) > 1) throw new TypeError('gone'); await call.send(packet); } }, quiet), /gone/);
  const reopened = await ContextStore.open(place);
  const tree = await reopened.sync('k', client([{ path: 'a', data: 'aaaa' }, { path: 'b', data: 'cccc' }]).call, quiet);
  assert.equal(readFileSync(join(tree.path, 'a'), 'utf8') + readFileSync(join(tree.path, 'b'), 'utf8'), 'aaaacccc');
  tree.release();
});

test('a transfer that failed, or that a daemon did not live to end, leaves nothing on disk', async () => {
  const place = join(root, 'failed');
  const store = await ContextStore.open(place);
  const files = [{ path: 'large', data: 'a'.repeat(9 << 20) }, { path: 'b', data: 'bbbb' }];
  (await store.sync('k', client(files).call, quiet)).release();
  const left = (): readonly string[] => readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) => /(^|\/)(large|b)$/.test(path));
  assert.equal(left().length, 2);
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const call = client([{ path: 'large', data: 'b'.repeat(9 << 20), time: 5n }, { path: 'c', data: 'c' }]).call;
  await assert.rejects(store.sync('k', { ...call, send: () => Promise.reject(full) }, quiet), (thrown: unknown) => thrown instanceof GantryError && thrown.kind === 'exhausted' && /no space left/.test(thrown.message));
  assert.deepEqual(left(), []);
  mkdirSync(join(place, 'k', 'half'), { recursive: true });
  writeFileSync(join(place, 'k', 'half', 'large'), 'half');
  writeFileSync(join(place, 'stray'), 'somebody else made it');
  (await store.sync('other', client([{ path: 'kept', data: 'k' }]).call, quiet)).release();
  await ContextStore.open(place);
  assert.deepEqual(readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) => /large|kept/.test(path)).length, 1);
});

test('what is known of a context stays in memory for ten minutes after its last build', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const store = await open();
  const minute = 60_000;
  const indexAfter = async (ms: number): Promise<unknown> => {
    t.mock.timers.tick(ms);
    const tree = await store.sync('key', client([{ path: 'f', data: 'f' }]).call, quiet);
    tree.release();
    return tree.index;
  };
  const first = await indexAfter(0);
  for (const minutes of [9, 9, 9]) assert.equal(await indexAfter(minutes * minute), first);
  assert.notEqual(await indexAfter(11 * minute), first);
});
