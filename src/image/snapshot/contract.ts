import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { concatBytes } from '#base/bytes.ts';
import { isKind, type ErrorKind } from '#base/error.ts';
import { chainHex, chainId, parseChainId } from '#image/oci/chain-id.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import type { Snapshots, UnpackRequest } from './port.ts';

export const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };

export function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(hasher.sha256(bytes));
}

/** A request for bytes that come in pieces. */
export function streamOf(bytes: Uint8Array, rest: Omit<UnpackRequest, 'source'> = {}): UnpackRequest {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
  }
  return { source: { kind: 'stream', bytes: pieces() }, ...rest };
}

export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  // Copies: pieces may be lent.
  for await (const part of bytes) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

export function failsWith(kind: ErrorKind, message: RegExp = /./): (error: unknown) => true {
  return (error) => {
    assert.ok(isKind(error, kind), `expected ${kind}, got ${String(error)}`);
    assert.match(error.message, message);
    return true;
  };
}

/** What every implementation does. `open` answers an empty one. */
export function testSnapshots(name: string, open: () => Promise<Snapshots>, options: { skip?: string } = {}): void {
  const base = archive(member({ name: 'etc/', type: 'directory' }), member({ name: 'etc/a', body: 'hello' }));
  const top = concatBytes([archive(member({ name: 'etc/.wh.a' })), new Uint8Array(512)]);
  const unknown = parseChainId(digestOf(new Uint8Array(1)));
  const contract = (what: string, body: (snapshots: Snapshots) => Promise<void>): void => {
    test(`${name}: ${what}`, options.skip === undefined ? {} : { skip: options.skip }, async () => body(await open()));
  };

  contract('a layer is stored under its chain id, and goes out as it came in', async (snapshots) => {
    const lower = await snapshots.unpack(streamOf(base, { diffId: digestOf(base) }));
    assert.deepEqual(lower, {
      chain: parseChainId(digestOf(base)), diffId: digestOf(base), tarBytes: base.length, contentBytes: 5, entries: 2, readBytes: base.length, created: true,
    });
    const upper = await snapshots.unpack(streamOf(top, { parent: lower.chain }));
    assert.equal(upper.chain, chainId(hasher, lower.chain, digestOf(top)));
    assert.equal(upper.parent, lower.chain);
    assert.deepEqual(await collect(snapshots.exportLayer(lower.chain)), Buffer.from(base));
    assert.deepEqual(await collect(snapshots.exportLayer(upper.chain)), Buffer.from(top));
    const { readBytes: _, created: __, ...info } = lower;
    assert.deepEqual(await snapshots.layer(lower.chain), info);
    assert.deepEqual((await snapshots.list()).map(({ chain }) => chain).sort(), [lower.chain, upper.chain].sort());
  });

  contract('the same layer twice, at the same time, is one', async (snapshots) => {
    const results = await Promise.all([snapshots.unpack(streamOf(base)), snapshots.unpack(streamOf(base))]);
    assert.deepEqual(results.map(({ created }) => created).sort(), [false, true]);
    assert.equal((await snapshots.list()).length, 1);
  });

  contract('S-202: another diff id than expected is refused, and nothing stays', async (snapshots) => {
    await assert.rejects(snapshots.unpack(streamOf(base, { diffId: digestOf(top) })), failsWith('invalid', /does not match the image/));
    await assert.rejects(snapshots.unpack(streamOf(base, { beforeSync: () => Promise.reject(new RangeError('given up')) })), RangeError);
    assert.deepEqual(await snapshots.list(), []);
    assert.equal(await snapshots.has(parseChainId(digestOf(base))), false);
  });

  contract('a truncated archive, and a source that breaks off, leave nothing', async (snapshots) => {
    await assert.rejects(snapshots.unpack(streamOf(base.subarray(0, 1026))), failsWith('invalid', /truncated/));
    const broken = (async function* (): AsyncGenerator<Uint8Array> {
      yield base.subarray(0, 512);
      throw new RangeError('the line is cut');
    })();
    await assert.rejects(snapshots.unpack({ source: { kind: 'stream', bytes: broken } }), RangeError);
    assert.deepEqual(await snapshots.list(), []);
  });

  contract('removing', async (snapshots) => {
    const { chain } = await snapshots.unpack(streamOf(base));
    assert.equal(await snapshots.remove(chain), true);
    assert.equal(await snapshots.has(chain), false);
    assert.equal(await snapshots.remove(chain), false);
    await snapshots.removeAll([chain, unknown]);
    await assert.rejects(collect(snapshots.exportLayer(chain)), failsWith('not-found'));
    await assert.rejects(snapshots.prepare('a', [chain]), failsWith('not-found'));
    assert.equal((await snapshots.unpack(streamOf(base))).created, true);
  });

  contract('a snapshot is prepared once, top layer first, and discarded', async (snapshots) => {
    const lower = await snapshots.unpack(streamOf(base));
    const upper = await snapshots.unpack(streamOf(top, { parent: lower.chain }));
    const mount = await snapshots.prepare('box', [lower.chain, upper.chain]);
    assert.deepEqual(mount.lower.map((path) => path.split('/').at(-2)), [chainHex(upper.chain), chainHex(lower.chain)]);
    assert.deepEqual(await snapshots.prepared('box'), mount);
    assert.deepEqual(await snapshots.listPrepared(), ['box']);
    await assert.rejects(snapshots.prepare('box', []), failsWith('conflict'));
    assert.deepEqual(await snapshots.usage('box'), { bytes: 0 });
    assert.equal(await snapshots.discard('box'), true);
    assert.equal(await snapshots.discard('box'), false);
    assert.equal(await snapshots.prepared('box'), undefined);
    assert.equal((await snapshots.prepare('empty', [])).lower.length, 1);
  });

  contract('an untouched snapshot commits to an empty layer', async (snapshots) => {
    const { chain } = await snapshots.unpack(streamOf(base));
    await snapshots.prepare('box', [chain]);
    const committed = await snapshots.commit('box', chain);
    assert.deepEqual([committed.parent, committed.entries, committed.contentBytes], [chain, 0, 0]);
    assert.equal(digestOf(await collect(snapshots.diff('box'))), committed.diffId);
  });

  contract('what is not there, and ids that are no ids', async (snapshots) => {
    assert.equal(await snapshots.layer(unknown), undefined);
    await assert.rejects(collect(snapshots.diff('none')), failsWith('not-found'));
    await assert.rejects(snapshots.usage('none'), failsWith('not-found'));
    for (const id of ['', '.', '..', '../x', 'a/b', '.tmp-x', 'x'.repeat(200), 'a\0']) {
      await assert.rejects(snapshots.prepare(id, []), failsWith('invalid'), id);
    }
  });
}
