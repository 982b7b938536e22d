import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { concatBytes } from '#base/bytes.ts';
import { chainHex } from '#image/oci/chain-id.ts';
import { chainId } from '#image/oci/chain-id.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { collect, digestOf, failsWith, hasher, streamOf, testSnapshots } from '../contract.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';
import { NEEDS_ROOT, testRoot } from './_test-root.ts';

const root = testRoot();
const codeCache = join(root.path, 'code-cache');
const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };
testSnapshots('overlay', root.open, needsRoot);

const layer = archive(member({ name: 'a', body: 'x'.repeat(100_000) }), member({ name: 'b', body: 'y' }));

test('gzip with several members and zeros after them, zstd with several frames', needsRoot, async () => {
  const half = layer.length / 2;
  const packed = {
    gzip: gzipSync(layer),
    members: Buffer.concat([gzipSync(layer.subarray(0, half)), gzipSync(layer.subarray(half)), Buffer.alloc(100)]),
    zstd: zstdCompressSync(layer),
    xz: execFileSync('xz', ['-c'], { input: layer }),
    bzip2: execFileSync('bzip2', ['-c'], { input: layer }),
    frames: Buffer.concat([zstdCompressSync(layer.subarray(0, half)), zstdCompressSync(layer.subarray(half))]),
  };
  const snapshots = await root.open();
  for (const [name, bytes] of Object.entries(packed)) {
    assert.equal((await snapshots.unpack(streamOf(bytes))).diffId, digestOf(layer), name);
  }
});

test('damaged and truncated compression', needsRoot, async () => {
  const snapshots = await root.open();
  const gzip = gzipSync(layer);
  const flipped = Buffer.from(gzip);
  flipped[gzip.length - 20] = flipped[gzip.length - 20]! ^ 0x55;
  await Promise.all([
    assert.rejects(snapshots.unpack(streamOf(gzip.subarray(0, -30))), failsWith('invalid', /gzip data .* ends too early/)),
    assert.rejects(snapshots.unpack(streamOf(flipped)), failsWith('invalid', /gzip data .* damaged/)),
    assert.rejects(snapshots.unpack(streamOf(Buffer.concat([gzip, Buffer.from('garbage')]))), failsWith('invalid', /gzip data .* damaged/)),
    assert.rejects(snapshots.unpack(streamOf(zstdCompressSync(layer).subarray(0, -10))), failsWith('invalid')),
    assert.rejects(snapshots.unpack(streamOf(execFileSync('xz', ['-c'], { input: layer }).subarray(0, -30))), failsWith('invalid', /xz data .* ends too early/)),
  ]);
  assert.deepEqual(await snapshots.list(), []);
});

test('a file, and a part of one', needsRoot, async () => {
  const snapshots = await root.open();
  const whole = join(root.fresh(), 'whole');
  const part = join(root.fresh(), 'part');
  writeFileSync(whole, layer);
  writeFileSync(part, concatBytes([new Uint8Array(777).fill(1), layer, new Uint8Array(50).fill(2)]));
  assert.equal((await snapshots.unpack({ source: { kind: 'file', path: whole } })).diffId, digestOf(layer));
  assert.equal((await snapshots.unpack({ source: { kind: 'file', path: part, offset: 777, size: layer.length } })).diffId, digestOf(layer));
  await assert.rejects(snapshots.unpack({ source: { kind: 'file', path: join(whole, 'none') } }));
});

test('what a crash leaves goes at the next start, and layers stay', needsRoot, async () => {
  const directory = root.fresh();
  const first = await OverlaySnapshots.open(directory, hasher, codeCache);
  const { chain } = await first.unpack(streamOf(layer));
  await first.prepare('box', [chain]);
  for (const name of ['layers/.tmp-1/diff', 'layers/.gone-1/diff', 'containers/.tmp-2/upper']) mkdirSync(join(directory, name), { recursive: true });
  const second = await OverlaySnapshots.open(directory, hasher, codeCache);
  await second.settled();
  assert.deepEqual(readdirSync(join(directory, 'layers')), [chainHex(chain)]);
  assert.deepEqual(await second.listPrepared(), ['box']);
  assert.deepEqual(await collect(second.exportLayer(chain)), Buffer.from(layer));
  assert.deepEqual([statSync(join(directory, 'layers')).mode & 0o777, statSync(join(directory, 'containers')).mode & 0o777], [0o700, 0o700]);
});

test('on ext4, layers are told to be unrelated, so that each gets a part of the disk of its own', needsRoot, async (context) => {
  const path = mkdtempSync(join(tmpdir(), 'gantry-spread-'));
  const attributes = (of: string): string => spawnSync('lsattr', ['-d', of], { encoding: 'utf8' }).stdout?.split(' ', 1)[0] ?? '';
  try {
    if (spawnSync('stat', ['-f', '-c', '%T', path], { encoding: 'utf8' }).stdout.trim() !== 'ext2/ext3' || attributes(path) === '') return context.skip('needs ext4 and lsattr');
    await OverlaySnapshots.open(path, hasher, codeCache);
    assert.match(attributes(join(path, 'layers')), /T/);
  } finally {
    rmSync(path, { recursive: true });
  }
});

test('a layer whose notes are damaged is no layer, and is replaced', needsRoot, async () => {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  const { chain } = await snapshots.unpack(streamOf(layer));
  writeFileSync(join(directory, 'layers', chainHex(chain), 'meta.json'), '{"version":1,"ch');
  assert.deepEqual([await snapshots.has(chain), await snapshots.list()], [false, []]);
  assert.equal((await snapshots.unpack(streamOf(layer))).created, true);
  assert.equal(await snapshots.has(chain), true);
});

test('a snapshot that a power cut has left without notes is none, and can be prepared again', needsRoot, async () => {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  const { upper } = await snapshots.prepare('box', []);
  writeFileSync(join(upper, 'old'), '');
  writeFileSync(join(directory, 'containers', 'box', 'meta.json'), '');
  assert.equal(await snapshots.prepared('box'), undefined);
  assert.deepEqual(await snapshots.listPrepared(), ['box']);
  assert.deepEqual(readdirSync((await snapshots.prepare('box', [])).upper), []);
});

test('what a container leaves goes off the loop, all of it', needsRoot, async () => {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  const going = (): readonly string[] => readdirSync(join(directory, 'layers'));
  for (const [id, files] of [['small', 3], ['large', 100]] as const) {
    const { upper } = await snapshots.prepare(id, []);
    for (let at = 0; at < files; at += 1) writeFileSync(join(upper, String(at)), '');
    await snapshots.discard(id);
    // Entry by entry, with a turn of the loop after each, and none has passed; a process of its own may be as fast as it likes.
    if (id === 'small') assert.equal(going().length, 1);
    await snapshots.settled();
    assert.deepEqual(going(), [], id);
  }
});

test('a refused layer leaves nothing on disk', needsRoot, async () => {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  await assert.rejects(snapshots.unpack(streamOf(archive(member({ name: 'ok' }), member({ name: '../x' })))));
  await snapshots.settled();
  assert.deepEqual(readdirSync(join(directory, 'layers')), []);
});

test('the root of a snapshot looks as the topmost layer says that says something', needsRoot, async () => {
  const snapshots = await root.open();
  const says = await snapshots.unpack(streamOf(archive(member({ name: './', type: 'directory', mode: 0o1750, uid: 7, gid: 8 }))));
  const silent = await snapshots.unpack(streamOf(layer, { parent: says.chain }));
  const { upper } = await snapshots.prepare('box', [says.chain, silent.chain]);
  const { mode, uid, gid } = statSync(upper);
  assert.deepEqual([mode & 0o7777, uid, gid], [0o1750, 7, 8]);
});

test('an opaque root hides all layers below', needsRoot, async () => {
  const snapshots = await root.open();
  const below = await snapshots.unpack(streamOf(layer));
  const opaque = await snapshots.unpack(streamOf(archive(member({ name: '.wh..wh..opq' }), member({ name: 'c' })), { parent: below.chain }));
  assert.deepEqual((await snapshots.prepare('box', [below.chain, opaque.chain])).lower.length, 1);
});

test('a layer whose files were changed on disk does not go out', needsRoot, async () => {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  const { chain } = await snapshots.unpack(streamOf(layer));
  writeFileSync(join(directory, 'layers', chainHex(chain), 'diff', 'b'), 'z');
  await assert.rejects(collect(snapshots.exportLayer(chain)), failsWith('internal', /changed on disk/));
  await assert.rejects(collect(snapshots.compressLayer(chain).bytes), failsWith('internal', /changed on disk: .* CRC-32/));
});

test('a layer of an earlier version, without a checksum of its tar, is compressed all the same, and checked by its diff id', needsRoot, async () => {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, codeCache);
  const { chain } = await snapshots.unpack(streamOf(layer));
  const notes = join(directory, 'layers', chainHex(chain), 'meta.json');
  const { crc32: checksum, ...before } = JSON.parse(readFileSync(notes, 'utf8')) as { readonly crc32: number };
  assert.equal(checksum, crc32(layer));
  writeFileSync(notes, JSON.stringify(before));
  assert.deepEqual(gunzipSync(await collect(snapshots.compressLayer(chain).bytes)), Buffer.from(layer));
  writeFileSync(join(directory, 'layers', chainHex(chain), 'diff', 'b'), 'z');
  await assert.rejects(collect(snapshots.compressLayer(chain).bytes), failsWith('internal', /changed on disk: .* sha256:/));
});

test('usage counts files once and directories not at all', needsRoot, async () => {
  const snapshots = await root.open();
  const { upper } = await snapshots.prepare('box', []);
  writeFileSync(join(upper, 'one'), 'x'.repeat(1000));
  execFileSync('ln', [join(upper, 'one'), join(upper, 'two')]);
  mkdirSync(join(upper, 'd'));
  writeFileSync(join(upper, 'd', 'three'), 'y');
  assert.deepEqual(await snapshots.usage('box'), { bytes: 1001 });
});

test('a full disk is said to be full, and is not afterwards', needsRoot, () => {
  // A file system of its own, in a mount namespace of its own.
  const directory = root.fresh();
  const context = root.fresh();
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, 'big'), Buffer.alloc(4 << 20));
  const script = `
    import { OverlaySnapshots } from ${JSON.stringify(import.meta.resolve('./overlay-snapshots.ts'))};
    import { hasher, streamOf } from ${JSON.stringify(import.meta.resolve('../contract.ts'))};
    import { archive, member } from ${JSON.stringify(import.meta.resolve('#image/oci/tar/forge.ts'))};
    const snapshots = await OverlaySnapshots.open('${directory}', hasher, '${codeCache}');
    const error = await snapshots.unpack(streamOf(archive(member({ name: 'big', body: new Uint8Array(4 << 20) })))).catch((error) => error);
    await snapshots.settled();
    const copy = { kind: 'copy', source: 0, parts: [{ name: 'big' }], pattern: 'big', destination: '/in/large', rules: [], unpacks: false, isRequired: true };
    const copied = await snapshots.trees.assemble({ base: [], sources: [{ kind: 'directory', path: '${context}' }], actions: [copy] }, new AbortController().signal).catch((error) => error);
    await snapshots.settled();
    const small = await snapshots.unpack(streamOf(archive(member({ name: 'small', body: new Uint8Array(1 << 20) }))));
    console.log(JSON.stringify({ kind: error.kind, message: error.message, copied: copied.message, created: small.created }));
  `;
  writeFileSync(join(root.path, 'full-disk.mjs'), script);
  const out = execFileSync('unshare', ['-m', 'sh', '-c', `mount -t tmpfs -o size=2m none '${directory}' && exec "$0" "$@"`, process.execPath,
    '--disable-warning=ExperimentalWarning', join(root.path, 'full-disk.mjs')]).toString();
  const { kind, message, copied, created } = JSON.parse(out) as { kind: string; message: string; copied: string; created: boolean };
  assert.equal(kind, 'exhausted');
  assert.match(message, /write "big": no space left on the disk/);
  assert.match(copied, /could not copy \/in\/large: no space left on the disk/);
  assert.equal(created, true);
  assert.deepEqual(readdirSync(directory), []);
});

test('the process that unpacks is confined', needsRoot, async () => {
  // It has the layer as its root, so a file that the layer calls /proc/… is in the layer.
  const snapshots = await root.open();
  const source = { kind: 'stream', bytes: stalled() } as const;
  const running = snapshots.unpack({ source }).catch(() => undefined);
  try {
    const child = await childOf(process.pid);
    for (const thread of readdirSync(`/proc/${child}/task`)) {
      const status = readFileSync(`/proc/${child}/task/${thread}/status`, 'utf8');
      const isMain = thread === String(child);
      const value = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)![1]!;
      assert.equal(value('NoNewPrivs'), '1');
      assert.equal(value('Seccomp'), '2');
      assert.equal(value('CapEff'), isMain ? '000000008800001b' : '0000000000000000');
      assert.equal(value('Uid').split('\t')[0], '65534');
    }
    assert.deepEqual(readdirSync(`/proc/${child}/root`), []);
    for (const name of ['mnt', 'net', 'ipc', 'uts']) {
      assert.notEqual(readlinkSync(`/proc/${child}/ns/${name}`), readlinkSync(`/proc/self/ns/${name}`));
    }
  } finally {
    release();
    await running;
  }
});

let release = (): void => undefined;

/** Its first bytes say whether a program is needed, which has to start before. */
async function* stalled(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(64);
  await new Promise<void>((resolve) => { release = resolve; });
  yield new Uint8Array(1024);
}

/** The child, once it has confined itself. */
async function childOf(parent: number): Promise<number> {
  for (let tries = 0; tries < 300; tries += 1) {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter((pid) => pid !== '');
    const child = children.find((pid) => readFileSync(`/proc/${pid}/status`, 'utf8').includes('Seccomp:\t2'));
    if (child !== undefined) return Number(child);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
  assert.fail('no confined child appeared');
}

test('a layer goes out as gzip: the same tar inside, the same bytes each time, and their digest', needsRoot, async () => {
  const snapshots = await root.open();
  const mixed = Array.from({ length: 200 }, (_, file) => [member({ name: `n${file}`, body: randomBytes(9000) }), member({ name: `t${file}`, body: `line ${file}\n`.repeat(1000 + file) })]).flat();
  const tar = archive(member({ name: 'text', body: 'all work and no play '.repeat(400_000) }), member({ name: 'noise', body: randomBytes(1_300_000) }), ...mixed);
  const { chain } = await snapshots.unpack(streamOf(tar));
  const [first, second] = [snapshots.compressLayer(chain), snapshots.compressLayer(chain)];
  const [bytes, again] = await Promise.all([collect(first.bytes), collect(second.bytes)]);
  assert.deepEqual(gunzipSync(bytes), Buffer.from(tar));
  assert.deepEqual(bytes, again);
  assert.ok(bytes.length < tar.length / 2);
  assert.deepEqual(await first.result, { digest: digestOf(bytes), size: bytes.length });
  const gzip = spawnSync('gzip', ['-dc'], { input: bytes, maxBuffer: 1 << 26 });
  assert.deepEqual([gzip.status, gzip.stdout.equals(tar), gzip.stderr.toString()], [0, true, '']);
});

test('a layer goes out as zstd, or as it is, in the same way', needsRoot, async () => {
  const snapshots = await root.open();
  const tar = archive(member({ name: 'text', body: 'all work and no play '.repeat(200_000) }));
  const { chain } = await snapshots.unpack(streamOf(tar));
  const [first, second, plain] = [snapshots.compressLayer(chain, 'zstd'), snapshots.compressLayer(chain, 'zstd'), snapshots.compressLayer(chain, 'none')];
  const bytes = await collect(first.bytes);
  assert.deepEqual(await collect(second.bytes), bytes);
  assert.deepEqual(zstdDecompressSync(bytes), Buffer.from(tar));
  assert.deepEqual(await first.result, { digest: digestOf(bytes), size: bytes.length });
  assert.deepEqual(Buffer.from(await collect(plain.bytes)), Buffer.from(tar));
  assert.deepEqual(await plain.result, { digest: digestOf(tar), size: tar.length });
  const missing = snapshots.compressLayer(chainId(hasher, undefined, digestOf(Buffer.from('none'))), 'zstd');
  await assert.rejects(collect(missing.bytes), failsWith('not-found', /no such layer/));
  await assert.rejects(missing.result, failsWith('not-found', /no such layer/));
});

test('what comes in is hashed as it comes, with what follows the compressed data', needsRoot, async () => {
  const snapshots = await root.open();
  const sent = Buffer.concat([gzipSync(archive(member({ name: 'f', body: 'x' }))), Buffer.alloc(300_000)]);
  await assert.rejects(snapshots.unpack(streamOf(sent, { digest: digestOf(sent.subarray(0, -1)) })), failsWith('invalid', /layer verification failed/));
  assert.deepEqual(await snapshots.list(), []);
  assert.equal((await snapshots.unpack(streamOf(sent, { digest: digestOf(sent) }))).created, true);
});
