import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { GantryError } from '#base/error.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { planLoad } from './archive-load.ts';
import { parseImageConfig } from './image-config.ts';
import { parseImageDocument } from './image-document.ts';
import type { ArchiveMember } from './load-plan.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { byteStringToText } from './tar/byte-string.ts';
import { archive, gnuLong, member, paxMember } from './tar/forge.ts';
import { TarReader } from './tar/reader.ts';
import { classifyName } from './whiteout.ts';

// A seeded forge: good archives and documents, changed at random, of which each case makes several. What fails is repeated by the
// seed that is printed.
const VARIANTS = 4;
const BLOCK = 512;
/** Every run makes as many archives for the reader of layers, and as many documents; the fuzz task may ask for more. */
const ARCHIVES_MADE = 20_000;
const DOCUMENTS_MADE = 5_000;
/** Of the processor: far more than any of these takes, and none of what others use. */
const PATIENCE_US = 2_000_000;

const link = (name: string, linkName: string, type: 'symlink' | 'hardlink' = 'symlink'): Uint8Array => member({ name, type, linkName });
const ARCHIVES: readonly Uint8Array[] = [
  archive(member({ name: 'd/', type: 'directory' }), member({ name: 'd/f', body: 'x'.repeat(600) }), link('l', 'd/f'), link('h', 'd/f', 'hardlink'), member({ name: 'd/.wh.gone' })),
  archive(paxMember({ path: 'p'.repeat(200), 'SCHILY.xattr.user.a': 'b', mtime: '1.5' }), member({ name: 'short', body: 'y' }), gnuLong('L', 'g'.repeat(300)), member({ name: 'cut' })),
  archive(paxMember({ 'GNU.sparse.map': '0,1,1024,1', 'GNU.sparse.size': '4096' }), member({ name: 's', body: 'ab' }), member({ name: 'c', type: 'character', deviceMajor: 1, deviceMinor: 3 }), member({ name: 'd/.wh..wh..opq' })),
];
const EVIL = ['../x', '/etc/shadow', 'a/../../x', '.wh..', '.wh..wh..opq/x', '\0', '', './././', '..', 'd/f/g', `${'a/'.repeat(2100)}x`, '\u202e', '\xff\xfe'];

/** Some bytes of an archive changed, pieces cut out, swapped or repeated, names and sizes overwritten; half of them with checksums that fit again. */
function mutate(original: Uint8Array, random: SeededRandom): Buffer {
  let bytes = Buffer.from(original);
  for (let times = 1 + random.below(4); times > 0 && bytes.length > BLOCK; times -= 1) {
    const at = random.below(bytes.length);
    const block = Math.floor(at / BLOCK) * BLOCK;
    switch (random.below(9)) {
      case 0: bytes[at] = random.below(256); break;
      case 1: bytes = bytes.subarray(0, at); break;
      case 2: bytes = Buffer.concat([bytes.subarray(0, block), bytes.subarray(block + BLOCK)]); break;
      case 3: bytes = Buffer.concat([bytes.subarray(0, block), bytes.subarray(0, BLOCK), bytes.subarray(block)]); break;
      case 4: bytes.write(EVIL[random.below(EVIL.length)]!.slice(0, 99), block, 'latin1'); break;
      case 5: bytes.write(EVIL[random.below(EVIL.length)]!.slice(0, 99), Math.min(block + 157, bytes.length - 1), 'latin1'); break;
      case 6: bytes.write(['77777777777', '-1', '00000000000', ' 1 ', '\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff'][random.below(5)]!, Math.min(block + 124, bytes.length - 1), 'latin1'); break;
      case 7: bytes.write('0123456xgLKSVMDN'[random.below(16)]!, Math.min(block + 156, bytes.length - 1), 'latin1'); break;
      default: bytes = Buffer.concat([bytes, Buffer.from(random.bytes(random.below(2000)))]); break;
    }
    if (random.below(2) === 0) for (let head = 0; head + BLOCK <= bytes.length; head += BLOCK) fitChecksum(bytes.subarray(head, head + BLOCK));
  }
  return bytes;
}

/** Only of what looks like a header, or contents would change too. */
function fitChecksum(block: Buffer): void {
  if (block.toString('latin1', 257, 262) !== 'ustar') return;
  block.fill(32, 148, 156);
  block.write(`${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

const casesFor = (made: number): { numRuns: number } => ({ numRuns: Math.max(made / VARIANTS, fc.readConfigureGlobal()?.numRuns ?? 0) });

/** Refusals are errors of ours, within bounds; anything else thrown is a fault. */
function refusesOr<T>(work: () => T): T | undefined {
  const began = process.cpuUsage();
  try {
    return work();
  } catch (thrown) {
    assert.ok(thrown instanceof GantryError && thrown.kind !== 'internal', `not a refusal: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    return undefined;
  } finally {
    assert.ok(process.cpuUsage(began).user < PATIENCE_US);
  }
}

test('mutated layers: every entry that is taken lies inside, and every byte is accounted for', (context) => {
  let [made, taken] = [0, 0];
  fc.assert(fc.property(fc.nat(), (seed) => {
    for (let variant = 0; variant < VARIANTS; variant += 1) {
      const random = new SeededRandom(`${seed}.${variant}`);
      const bytes = mutate(ARCHIVES[random.below(ARCHIVES.length)]!, random);
      const back: Buffer[] = [];
      made += 1;
      refusesOr(() => {
        const reader = new TarReader({
          raw: (piece) => void back.push(Buffer.from(piece)),
          data: (piece) => void back.push(Buffer.from(piece)),
          entryEnd: () => {},
          entry: (entry) => {
            const name = classifyName(entry.name);
            if (name.kind !== 'ignored') assert.ok(!name.path.startsWith('/') && !name.path.split('/').includes('..') && !name.path.includes('\0'), JSON.stringify(name.path));
            assert.ok(Number.isSafeInteger(entry.size) && entry.size >= 0);
          },
        });
        for (let at = 0; at < bytes.length; at += 700) reader.push(bytes.subarray(at, at + 700));
        reader.end();
        assert.ok(Buffer.concat(back).equals(bytes), 'what went in comes out again');
        taken += 1;
      });
    }
  }), casesFor(ARCHIVES_MADE));
  context.diagnostic(`${made} archives, ${taken} of them taken`);
  assert.ok(made >= ARCHIVES_MADE && taken > made / 20 && taken < made * 0.95);
});

const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };
const digest = (text: string): string => `sha256:${hasher.sha256(Buffer.from(text))}`;
const CONFIG = JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Env: ['A=b'], Labels: { a: 'b' }, ExposedPorts: { '80/tcp': {} }, User: '0' }, rootfs: { type: 'layers', diff_ids: [digest('1')] }, history: [{ created_by: 'x' }] });
const MANIFEST = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: { mediaType: MEDIA_TYPE.ociConfig, digest: digest(CONFIG), size: CONFIG.length }, layers: [{ mediaType: MEDIA_TYPE.ociLayerGzip, digest: digest('l'), size: 7, urls: ['https://x/'], annotations: { a: 'b' } }], subject: { mediaType: MEDIA_TYPE.ociManifest, digest: digest('s'), size: 1 } });
const INDEX = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [{ mediaType: MEDIA_TYPE.ociManifest, digest: digest('m'), size: 3, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }] });
const PIECES = ['"manifests":[],', '"layers":null,', '"config":{},', '"mediaType":"x",', '"schemaVersion":1,', '"__proto__":{"digest":1},', '"constructor":1,', '"MediaType":"x",', 'sha256:../../x', '-1', '1e400', 'null', '[]', '{}', '"\\u0000"', '9007199254740993', '['.repeat(200), '"'];

function mutateText(original: string, random: SeededRandom): string {
  let text = original;
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const at = random.below(text.length + 1);
    switch (random.below(8)) {
      case 0: text = text.slice(0, at) + String.fromCharCode(random.below(0x180)) + text.slice(at + 1); break;
      case 1: text = text.slice(0, at) + text.slice(at + random.below(40)); break;
      case 2: text = text.slice(0, at) + PIECES[random.below(PIECES.length)]! + text.slice(at); break;
      case 3: text = text.replace(/"[^"]*"|\d+/g, (word) => (random.below(12) === 0 ? PIECES[random.below(PIECES.length)]! : word)); break;
      case 4: text = text.replace('{', `{${PIECES[random.below(8)]!}`); break;
      // These leave a document that may be taken.
      case 5: text = text.replace(/[0-9a-f](?=")/g, (digit) => (random.below(3) === 0 ? '0123456789abcdef'[random.below(16)]! : digit)); break;
      case 6: text = text.replace('{', '{"x-more":[{"y":null}],'); break;
      default: text = text.replace(/\d+(?=[,}])/g, (number) => (random.below(3) === 0 ? String(random.below(1000)) : number)); break;
    }
  }
  return text;
}

test('mutated manifests, indexes and configs: refused, or of one meaning', (context) => {
  let [made, taken] = [0, 0];
  fc.assert(fc.property(fc.nat(), (seed) => {
    for (let variant = 0; variant < VARIANTS; variant += 1) {
      const random = new SeededRandom(`d${seed}.${variant}`);
      const text = mutateText([MANIFEST, INDEX, CONFIG][random.below(3)]!, random);
      const document = refusesOr(() => parseImageDocument(text, [undefined, MEDIA_TYPE.ociManifest, MEDIA_TYPE.dockerIndex][random.below(3)]));
      made += 1;
      if (document !== undefined) taken += 1;
      const descriptors = document === undefined ? [] : document.kind === 'index' ? document.index.manifests : [document.manifest.config, ...document.manifest.layers];
      for (const descriptor of descriptors) {
        assert.match(descriptor.digest, /^sha256:[0-9a-f]{64}$/);
        assert.ok(Number.isSafeInteger(descriptor.size) && descriptor.size >= 0);
      }
      if (document !== undefined) assert.equal(['layers', 'manifests'].every((key) => Object.hasOwn(JSON.parse(text) as object, key)), false, 'never both');
      const config = refusesOr(() => parseImageConfig(text));
      for (const diffId of config?.diffIds ?? []) assert.match(diffId, /^sha256:[0-9a-f]{64}$/);
    }
    assert.equal(({} as { digest?: unknown }).digest, undefined);
  }), casesFor(DOCUMENTS_MADE));
  context.diagnostic(`${made} documents, ${taken} of them taken as manifests or indexes`);
  assert.ok(made >= DOCUMENTS_MADE && taken > made / 400 && taken < made * 0.95);
});

test('S-206: mutated archives to load: whatever is named is a file of the archive, or refused', () => {
  const good = new Map([['manifest.json', JSON.stringify([{ Config: 'c.json', RepoTags: ['x:1'], Layers: ['a/layer.tar'] }])], ['c.json', CONFIG], ['a/layer.tar', 'A'], ['index.json', INDEX], ['oci-layout', '{"imageLayoutVersion":"1.0.0"}']]);
  fc.assert(fc.property(fc.nat(), (seed) => {
    for (let variant = 0; variant < VARIANTS; variant += 1) {
      const random = new SeededRandom(`l${seed}.${variant}`);
      const files = new Map([...good].filter(() => random.below(10) > 0).map(([name, text]) => [random.below(10) === 0 ? EVIL[random.below(EVIL.length)]! : name, random.below(2) === 0 ? mutateText(text, random) : text]));
      const types = ['file', 'symlink', 'hardlink', 'directory', 'fifo', 'character'] as const;
      const members = [...files].map(([name, text]): ArchiveMember => ({ name, type: random.below(8) === 0 ? types[random.below(types.length)]! : 'file', size: text.length, linkName: EVIL[random.below(EVIL.length)]! }));
      const documents = new Map<string, Uint8Array>();
      for (let rounds = 0; rounds < 10; rounds += 1) {
        const plan = refusesOr(() => planLoad({ members, documents, hasher }));
        if (plan === undefined) break;
        const named = plan.kind === 'needs' ? plan.documents : plan.images.flatMap(({ layers }) => layers.map((layer) => layer.member));
        for (const name of named) assert.ok(members.some((found) => found.name === name && found.type === 'file'), name);
        if (plan.kind === 'plan') break;
        assert.ok(plan.documents.every((name) => !documents.has(name)), 'nothing is asked for twice');
        for (const name of plan.documents) documents.set(name, Buffer.from(files.get(name) ?? ''));
      }
    }
  }));
});

test('an archive that ends within its second block of zeros comes out as it went in', () => {
  const bytes = Buffer.concat([member({ name: 'f', body: 'x' }), Buffer.alloc(BLOCK + 100)]);
  const back: Uint8Array[] = [];
  const reader = new TarReader({ raw: (piece) => void back.push(piece.slice()), data: (piece) => void back.push(piece.slice()), entryEnd: () => {}, entry: () => {} });
  reader.push(bytes);
  reader.end();
  assert.ok(Buffer.concat(back).equals(bytes));
});

test('the forge makes archives that are taken as well as such that are refused', () => {
  let taken = 0;
  for (let seed = 0; seed < 300; seed += 1) {
    const random = new SeededRandom(seed);
    const names: string[] = [];
    try {
      const reader = new TarReader({ raw: () => {}, data: () => {}, entryEnd: () => {}, entry: (entry) => void names.push(byteStringToText(entry.name)) });
      reader.push(mutate(ARCHIVES[random.below(ARCHIVES.length)]!, random));
      reader.end();
      taken += 1;
    } catch { /* refused */ }
  }
  assert.ok(taken > 20 && taken < 280, `${taken} of 300`);
});
