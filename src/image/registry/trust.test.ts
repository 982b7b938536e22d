import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { parseReference } from '#image/oci/reference.ts';
import { NO_CREDENTIALS } from './credentials.ts';
import { KeyVerifier } from './edge/key-verifier.ts';
import { Registries } from './registries.ts';
import { DEFAULT_REGISTRY_CONFIG } from './registry-config.ts';
import { ScriptedTransport, type Scripted } from './scripted-transport.ts';
import { TrustPolicy } from './trust.ts';

const hasher = { sha256: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex') };
const digestOf = (text: string): Digest => digestOfHex(hasher.sha256(Buffer.from(text)));
const IMAGE = digestOf('the image');
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = publicKey.export({ type: 'spki', format: 'pem' });
const stranger = generateKeyPairSync('ed25519').privateKey;

/** As cosign makes it: the payload as a layer, the signature as its annotation. */
function signature(about: string, by = privateKey): { readonly manifest: string; readonly payload: string } {
  const payload = JSON.stringify({ critical: { identity: { 'docker-reference': '' }, image: { 'docker-manifest-digest': about }, type: 'cosign container image signature' }, optional: null });
  const signed = sign(by === stranger ? null : 'sha256', Buffer.from(payload), by).toString('base64');
  const manifest = JSON.stringify({
    schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf('{}'), size: 2 },
    layers: [{ mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', digest: digestOf(payload), size: payload.length, annotations: { 'dev.cosignproject.cosign/signature': signed } }],
  });
  return { manifest, payload };
}

/** As cosign 3 makes it: a statement in an envelope (DSSE), in a bundle. */
function bundle(about: string, { by = privateKey, predicateType = 'https://sigstore.dev/cosign/sign/v1', signedType = 'application/vnd.in-toto+json' } = {}): { readonly manifest: string; readonly payload: string } {
  const type = 'application/vnd.in-toto+json';
  const statement = JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: [{ digest: { sha256: about.slice(7) } }], predicateType, predicate: {} });
  const sig = sign(by === stranger ? null : 'sha256', Buffer.from(`DSSEv1 ${signedType.length} ${signedType} ${statement.length} ${statement}`), by).toString('base64');
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const payload = JSON.stringify({ mediaType, verificationMaterial: { publicKey: { hint: 'x' }, tlogEntries: [] }, dsseEnvelope: { payload: Buffer.from(statement).toString('base64'), payloadType: type, signatures: [{ sig }] } });
  const manifest = JSON.stringify({
    schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, artifactType: mediaType, config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 },
    layers: [{ mediaType, digest: digestOf(payload), size: payload.length }],
  });
  return { manifest, payload };
}

/** Whether a registry with these signatures satisfies a rule that wants one. */
async function check({ referring = [], tagged, down = false, lists = true }: { referring?: readonly ReturnType<typeof signature>[]; tagged?: ReturnType<typeof signature>; down?: boolean; lists?: boolean }): Promise<void> {
  const all = [...referring, ...(tagged === undefined ? [] : [tagged])];
  const texts = new Map(all.flatMap(({ manifest, payload }) => [[digestOf(manifest) as string, manifest], [digestOf(payload) as string, payload]] as const));
  const index = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [...referring.map(({ manifest }) => manifest), 'gone'].map((text) => ({ mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(text), size: text.length })) });
  const transport = new ScriptedTransport(({ url }): Scripted => {
    const last = url.slice(url.lastIndexOf('/') + 1);
    const isList = lists ? url.includes('/referrers/') : last === `sha256-${IMAGE.slice(7)}`;
    const text = isList ? index : last === `sha256-${IMAGE.slice(7)}.sig` ? tagged?.manifest : texts.get(last);
    if (down && !url.includes('/referrers/')) return { status: 403 };
    return text === undefined ? { status: 404 } : { status: 200, body: text, headers: { 'content-type': isList ? MEDIA_TYPE.ociIndex : MEDIA_TYPE.ociManifest } };
  });
  const clock = new ManualClock();
  const reference = parseReference('r.example/signed/a:1');
  const client = new Registries({ transport, clock, timers: clock, random: new SeededRandom(1), hasher }, DEFAULT_REGISTRY_CONFIG).target(reference, NO_CREDENTIALS);
  await new TrustPolicy([{ prefix: '', action: 'reject', keys: [] }, { prefix: 'r.example/signed', action: 'signed', keys: [KEY.toString()] }], new KeyVerifier()).check(reference, IMAGE, client);
}

const refused = (words: RegExp) => (error: unknown): boolean => isKind(error, 'forbidden') && words.test(error.message);

test('a signature by a key of the rule counts, from the referrers of the image as well as from its tag', async () => {
  await check({ referring: [signature(IMAGE)] });
  await check({ tagged: signature(IMAGE) });
  await check({ referring: [signature(IMAGE, stranger), signature(digestOf('another')), signature(IMAGE)] });
});

test('where a registry keeps no list of referrers, the tag counts that stands for it', async () => {
  await check({ referring: [signature(IMAGE)], lists: false });
  await check({ referring: [bundle(IMAGE)], lists: false });
  await assert.rejects(check({ referring: [signature(IMAGE, stranger)], lists: false }), refused(/none of its 1/));
});

test('no signature, one by a stranger, and one of another image are refused', async () => {
  await assert.rejects(check({}), refused(/the rule for r\.example\/signed of the trust policy: it has no signature$/));
  for (const referring of [[signature(IMAGE, stranger)], [signature(digestOf('another'))]]) await assert.rejects(check({ referring }), refused(/none of its 1 signatures is by a key of the rule$/));
});

test('signatures in bundles, as cosign 3 makes them', async () => {
  await check({ referring: [bundle(IMAGE)] });
  await check({ referring: [bundle(IMAGE, { by: stranger }), bundle(IMAGE)] });
  for (const wrong of [bundle(IMAGE, { by: stranger }), bundle(digestOf('another')), bundle(IMAGE, { signedType: 'text/plain' })]) {
    await assert.rejects(check({ referring: [wrong] }), refused(/none of its 1 signatures is by a key of the rule$/));
  }
  await assert.rejects(check({ referring: [bundle(IMAGE, { predicateType: 'https://slsa.dev/provenance/v1' })] }), refused(/it has no signature$/), 'who says how it was made does not sign it');
  const { manifest, payload } = bundle(IMAGE);
  for (const text of ['', '[]', 'null', '{"dsseEnvelope":null}', payload.replace('"payload":"', '"payload":"!')]) {
    const lied = manifest.replace(digestOf(payload), digestOf(text)).replace(`"size":${payload.length}`, `"size":${text.length}`);
    await assert.rejects(check({ referring: [{ manifest: lied, payload: text }] }), refused(/it has no signature$/), text.slice(0, 30));
  }
});

test('a registry that refuses to show signatures is none without them', async () => {
  await assert.rejects(check({ referring: [signature(IMAGE)], down: true }), (error) => error instanceof Error && !/it has no signature/.test(error.message));
});
