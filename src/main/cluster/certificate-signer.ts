import { messageOf } from '#base/error.ts';
import type { Clock } from '#base/clock.ts';
import type { JsonObject } from '#base/json.ts';
import { CLIENT_SIGNER } from '#cluster/api/admission/certificate-requests.ts';
import type { ObjectWriter } from '#cluster/api/object-writer.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import { signClientRequest, type ClusterPki } from './pki.ts';

const OPTIONS = { dryRun: false, user: 'system:controllers' };
const DEFAULT_SECONDS = 365 * 86_400;
const CLIENT_USAGES: ReadonlySet<string> = new Set(['digital signature', 'key encipherment', 'client auth']);

interface Request {
  readonly spec: { readonly signerName: string; readonly request: string; readonly usages?: readonly string[]; readonly expirationSeconds?: number };
  readonly status?: { readonly conditions?: readonly { readonly type: string }[]; readonly certificate?: string };
}

/** Signs the requests for clients of the API that somebody approved. */
export class CertificateSigner {
  readonly #requests: ObjectCache;
  readonly #writer: ObjectWriter;
  readonly #pki: ClusterPki;
  readonly #clock: Clock;
  readonly #log: (line: string) => void;

  constructor(parts: { readonly requests: ObjectCache; readonly writer: ObjectWriter; readonly pki: ClusterPki; readonly clock: Clock; readonly log: (line: string) => void }) {
    this.#requests = parts.requests;
    this.#writer = parts.writer;
    this.#pki = parts.pki;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  open(): void {
    const look = (object: KubeObject): void => void this.#look(object).catch((thrown: unknown) => this.#log(`certificate request ${object.metadata.name}: ${messageOf(thrown)}`));
    this.#requests.onChange((object) => {
      if (this.#requests.get(undefined, object.metadata.name) !== undefined) look(object);
    });
    this.#requests.list().forEach(look);
  }

  async #look(object: KubeObject): Promise<void> {
    const { spec, status = {} } = object as unknown as Request;
    const types = (status.conditions ?? []).map(({ type }) => type);
    if (spec.signerName !== CLIENT_SIGNER || !types.includes('Approved') || types.includes('Failed') || (status.certificate ?? '') !== '') return;
    const result = await this.#signed(spec);
    await this.#writer.update(this.#requests.of, undefined, object.metadata.name, 'status', (current) => ({ ...current, status: { ...current['status'] as JsonObject, ...result(current) } }), OPTIONS);
  }

  /** What is to be written into the status. */
  async #signed(spec: Request['spec']): Promise<(current: KubeObject) => JsonObject> {
    const now = timeText(Number(this.#clock.nowNs() / 1_000_000n));
    const failed = (reason: string, message: string) => (current: KubeObject): JsonObject => ({
      conditions: [...((current as unknown as Request).status?.conditions ?? []) as unknown as readonly JsonObject[], { type: 'Failed', status: 'True', reason, message, lastUpdateTime: now, lastTransitionTime: now }],
    });
    if ((spec.usages ?? []).some((usage) => !CLIENT_USAGES.has(usage)) || spec.usages?.includes('client auth') !== true) return failed('SignerValidationFailure', 'the usages of a certificate for a client of the API are "client auth", and may be "digital signature" and "key encipherment"');
    try {
      const certificate = await signClientRequest(this.#pki, Buffer.from(spec.request, 'base64').toString(), spec.expirationSeconds ?? DEFAULT_SECONDS);
      return () => ({ certificate: Buffer.from(certificate).toString('base64') });
    } catch (thrown) {
      return failed('SigningError', messageOf(thrown));
    }
  }
}
