import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Connection } from '#base/connection.ts';
import { chainHex } from '#image/oci/chain-id.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import type { CompressedLayer } from '../port.ts';
import { collect, digestOf, failsWith, hasher, streamOf } from '../contract.ts';
import { OverlaySnapshots } from './overlay-snapshots.ts';
import { NEEDS_ROOT, testRoot } from './_test-root.ts';

const root = testRoot();
const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };
/** More than the kernel keeps of a connection whose other side does not read. */
const NOISE_BYTES = 20 << 20;
const text = member({ name: 'text', body: 'all work and no play '.repeat(10_000) });
const small = archive(text);
const large = archive(text, member({ name: 'noise', body: randomBytes(NOISE_BYTES) }));

async function unpacked(layer: Uint8Array): Promise<{ readonly compress: () => CompressedLayer; readonly directory: string }> {
  const directory = root.fresh();
  const snapshots = await OverlaySnapshots.open(directory, hasher, join(root.path, 'code-cache'));
  const { chain } = await snapshots.unpack(streamOf(layer));
  return { compress: () => snapshots.compressLayer(chain), directory: join(directory, 'layers', chainHex(chain)) };
}

/** Unpacked once for all tests, which leave it as it is. */
const largeLayer = ((): () => ReturnType<typeof unpacked> => {
  let kept: ReturnType<typeof unpacked> | undefined;
  return () => (kept ??= unpacked(large));
})();

/** Both ends of a connection; nobody reads from the far one yet. */
async function connection(t: TestContext): Promise<{ readonly near: Socket; readonly far: Socket; readonly given: Connection }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  near.on('error', () => undefined);
  const [far] = await once(server, 'connection') as [Socket];
  far.on('error', () => undefined);
  if (near.connecting) await once(near, 'connect');
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far, given: { get descriptor() { return (near as unknown as { readonly _handle: { readonly fd: number } | null })._handle?.fd; } } };
}

const send = (layerOut: CompressedLayer, given: Connection, progress: (sent: number) => void = () => undefined, signal = new AbortController().signal): Promise<void> => layerOut.sendChunks!(given, progress, signal);

/** What chunks hold (RFC 9112, 7.1); the last is to be missing. */
function contentOf(chunks: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < chunks.length;) {
    const start = chunks.indexOf('\r\n', at) + 2;
    const length = Number.parseInt(chunks.toString('latin1', at, start - 2), 16);
    assert.ok(length > 0);
    parts.push(chunks.subarray(start, start + length));
    at = start + length + 2;
    assert.equal(chunks.toString('latin1', at - 2, at), '\r\n');
  }
  return Buffer.concat(parts);
}

test('a layer goes to a connection as it goes out otherwise, however slowly that takes it', needsRoot, async (t) => {
  const { compress } = await largeLayer();
  const [{ near, far, given }, layerOut, expected] = [await connection(t), compress(), await collect(compress().bytes)];
  const told: number[] = [];
  const received: Buffer[] = [];
  far.on('data', (chunk: Buffer) => received.push(chunk));
  far.pause();
  const sent = send(layerOut, given, (bytes) => {
    if (told.push(bytes) === 1) far.resume();
  });
  await sent;
  near.end();
  await once(far, 'end');
  assert.deepEqual(contentOf(Buffer.concat(received)), Buffer.from(expected));
  assert.deepEqual(await layerOut.result, { digest: digestOf(expected), size: expected.length });
  assert.deepEqual([told.at(-1), told.toSorted((a, b) => a - b)], [expected.length, told]);
});

test('nobody reads: whoever wants no more of it ends it, by the signal or when told how far it is', needsRoot, async (t) => {
  const { compress } = await largeLayer();
  const [first, second] = [await connection(t), await connection(t)];
  const over = new AbortController();
  await assert.rejects(send(compress(), first.given, () => over.abort(), over.signal), failsWith('internal', /SIGKILL/));
  await assert.rejects(send(compress(), second.given, () => { throw new TypeError('enough'); }), new TypeError('enough'));
});

test('a connection that breaks off, or was closed before, is a failure that passes', needsRoot, async (t) => {
  const { compress } = await largeLayer();
  const [{ far, given }, closed, layerOut] = [await connection(t), await connection(t), compress()];
  await assert.rejects(send(layerOut, given, () => far.resetAndDestroy()), failsWith('unavailable', /broke off/));
  await assert.rejects(layerOut.result, failsWith('unavailable'));
  closed.near.destroy();
  await assert.rejects(send(compress(), closed.given), failsWith('unavailable', /has been closed/));
});

test('a layer that was changed on disk is told before anybody ends the chunks', needsRoot, async (t) => {
  const { compress, directory } = await unpacked(small);
  const { far, given } = await connection(t);
  writeFileSync(join(directory, 'diff', 'text'), 'x'.repeat(210_000));
  far.resume();
  await assert.rejects(send(compress(), given), failsWith('internal', /changed on disk: .* CRC-32/));
});
