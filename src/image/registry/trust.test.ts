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

/** Whether a registry with these signatures satisfies a rule that wants one. */
async function check({ referring = [], tagged, down = false }: { referring?: readonly ReturnType<typeof signature>[]; tagged?: ReturnType<typeof signature>; down?: boolean }): Promise<void> {
  const all = [...referring, ...(tagged === undefined ? [] : [tagged])];
  const texts = new Map(all.flatMap(({ manifest, payload }) => [[digestOf(manifest) as string, manifest], [digestOf(payload) as string, payload]] as const));
  const index = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [...referring.map(({ manifest }) => manifest), 'gone'].map((text) => ({ mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(text), size: text.length })) });
  const transport = new ScriptedTransport(({ url }): Scripted => {
    const last = url.slice(url.lastIndexOf('/') + 1);
    const text = url.includes('/referrers/') ? index : last === `sha256-${IMAGE.slice(7)}.sig` ? tagged?.manifest : texts.get(last);
    if (down && !url.includes('/referrers/')) return { status: 403 };
    return text === undefined ? { status: 404 } : { status: 200, body: text, headers: { 'content-type': url.includes('/referrers/') ? MEDIA_TYPE.ociIndex : MEDIA_TYPE.ociManifest } };
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

test('no signature, one by a stranger, and one of another image are refused', async () => {
  await assert.rejects(check({}), refused(/the rule for r\.example\/signed of the trust policy: it has no signature$/));
  for (const referring of [[signature(IMAGE, stranger)], [signature(digestOf('another'))]]) await assert.rejects(check({ referring }), refused(/none of its 1 signatures is by a key of the rule$/));
});

test('a registry that refuses to show signatures is none without them', async () => {
  await assert.rejects(check({ referring: [signature(IMAGE)], down: true }), (error) => error instanceof Error && !/it has no signature/.test(error.message));
});
