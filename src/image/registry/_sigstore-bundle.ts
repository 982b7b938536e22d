import type { FoundSignature } from './signatures.ts';

const SIGNATURE_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';
const STATEMENT_TYPE = 'application/vnd.in-toto+json';
const MAX_SIGNATURES = 8;

interface Envelope { readonly payload?: unknown; readonly payloadType?: unknown; readonly signatures?: unknown }
interface Statement { readonly predicateType?: unknown; readonly subject?: unknown }

/** Media types of bundles, in all versions so far: `application/vnd.dev.sigstore.bundle.v0.3+json`. */
export function isBundleType(mediaType: string): boolean {
  return /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.\d+)?\+json(?:;version=0\.\d+)?$/.test(mediaType);
}

/**
 * Signatures of an image in a Sigstore bundle, as cosign 3 makes them: an in-toto statement of cosign's own kind in a DSSE
 * envelope. Statements of other kinds, such as provenance, are no signatures. None where it can't be read.
 */
export function signaturesOfBundle(text: string): FoundSignature[] {
  try {
    const { dsseEnvelope: envelope } = JSON.parse(text) as { readonly dsseEnvelope?: Envelope };
    if (envelope?.payloadType !== STATEMENT_TYPE || typeof envelope.payload !== 'string' || !Array.isArray(envelope.signatures)) return [];
    const payload = Uint8Array.fromBase64(envelope.payload);
    const { predicateType, subject } = JSON.parse(new TextDecoder().decode(payload)) as Statement;
    if (predicateType !== SIGNATURE_PREDICATE || !Array.isArray(subject)) return [];
    const about = subject.map((each: { readonly digest?: { readonly sha256?: unknown } } | null) => `sha256:${String(each?.digest?.sha256)}`);
    const signed = authenticated(STATEMENT_TYPE, payload);
    return envelope.signatures.slice(0, MAX_SIGNATURES).flatMap((each: { readonly sig?: unknown } | null): FoundSignature[] => (typeof each?.sig === 'string' ? [{ signed, signature: each.sig, about }] : []));
  } catch {
    return [];
  }
}

/** What DSSE signs: its "pre-authentication encoding" (secure-systems-lab/dsse, protocol.md). */
function authenticated(type: string, payload: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`DSSEv1 ${type.length} ${type} ${payload.length} `);
  const all = new Uint8Array(head.length + payload.length);
  all.set(head);
  all.set(payload, head.length);
  return all;
}
