import type { Json, JsonObject } from '#base/json.ts';
import { GantryError } from '#base/error.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { userInfo } from '../../access/access-reviews.ts';
import type { AdmissionSubject, Operation } from '../../admission.ts';
import { parseJson, textOf as textOfBytes } from '../../json-body.ts';
import { isObject, objectOf } from '../pod-spec.ts';
import { requesterOf } from '../policy-run.ts';

/** What a webhook answered (`admission.v1.AdmissionResponse`). */
export interface Answer {
  readonly isAllowed: boolean;
  /** Of a refusal, as far as it says why. */
  readonly status: JsonObject;
  /** RFC 6902. */
  readonly patch: Json | undefined;
  readonly warnings: readonly string[];
  readonly annotations: ReadonlyMap<string, string>;
}

const OPTIONS: Readonly<Record<Exclude<Operation, 'CONNECT'>, string>> = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' };

export interface Question {
  readonly uid: string;
  /** `v1`, `v1beta1` */
  readonly reviewVersion: string;
  /** The version of the kind that the webhook wants to see. */
  readonly version: string;
}

/** An `AdmissionReview` that asks. @param object undefined: it goes */
export function renderReview({ of, operation, old, options }: AdmissionSubject, object: KubeObject, { uid, reviewVersion, version }: Question): string {
  const { group, kind, plural } = of;
  const seen = (each: KubeObject): JsonObject => ({ ...asJson(each), apiVersion: joinApiVersion(group, version) });
  const resource = { group, version, resource: plural };
  const sub = options.subresource === undefined ? {} : { subResource: options.subresource, requestSubResource: options.subresource };
  const { name, namespace } = object.metadata;
  const request: JsonObject = {
    uid, kind: { group, version, kind }, resource, requestKind: { group, version: of.version, kind }, requestResource: { ...resource, version: of.version }, ...sub, name, ...(namespace === undefined ? {} : { namespace }), operation,
    userInfo: userInfo(requesterOf(options)), object: operation === 'DELETE' ? null : operation === 'CONNECT' ? withoutMetadata(object) : seen(object), oldObject: old === undefined ? null : seen(old), dryRun: options.dryRun,
    options: operation === 'CONNECT' ? null : { kind: OPTIONS[operation], apiVersion: 'meta.k8s.io/v1', ...(options.dryRun ? { dryRun: ['All'] } : {}), ...(options.manager === undefined || operation === 'DELETE' ? {} : { fieldManager: options.manager }) },
  };
  return JSON.stringify({ kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${reviewVersion}`, request });
}

/** Options of a connection have no name: what they are for has one. */
function withoutMetadata(object: KubeObject): JsonObject {
  const { metadata: _, ...options } = asJson(object) as JsonObject;
  return options;
}

/** @throws GantryError unavailable where it is no answer to the question */
export function readReview(bytes: Uint8Array, { uid, reviewVersion }: Question, mayPatch: boolean): Answer {
  const review = objectOf(parsed(textOfBytes(bytes)));
  const wanted = `admission.k8s.io/${reviewVersion}`;
  if (review['kind'] !== 'AdmissionReview' || review['apiVersion'] !== wanted) throw wrong(`expected webhook response of ${wanted}, Kind=AdmissionReview, got ${shown(review['apiVersion'])}, Kind=${shown(review['kind'])}`);
  const { response } = review;
  if (!isObject(response)) throw wrong('webhook response was absent');
  if (reviewVersion === 'v1' && response['uid'] !== uid) throw wrong(`expected response.uid=${JSON.stringify(uid)}, got ${shown(response['uid'])}`);
  const status = objectOf(response['status']);
  const texts = Array.isArray(response['warnings']) ? (response['warnings'] as readonly Json[]).filter((each): each is string => typeof each === 'string') : [];
  return {
    isAllowed: response['allowed'] === true, status, patch: patchOf(response, reviewVersion, mayPatch), warnings: texts,
    annotations: new Map(Object.entries(objectOf(response['auditAnnotations'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  };
}

function patchOf(response: JsonObject, reviewVersion: string, mayPatch: boolean): Json | undefined {
  const { patch, patchType } = response;
  if (typeof patch !== 'string' || patch === '') {
    if (typeof patchType === 'string' && patchType !== '' && reviewVersion === 'v1') throw wrong('webhook returned response.patchType but not response.patch');
    return undefined;
  }
  if (!mayPatch) throw wrong('a validating webhook may not return response.patch');
  if (patchType !== 'JSONPatch') throw wrong(`webhook returned invalid response.patchType of ${shown(patchType)}`);
  return parsed(textOfBytes(decoded(patch)));
}

function decoded(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch (cause) {
    throw wrong('response.patch is no base64', cause);
  }
}

function parsed(text: string): Json {
  try {
    return parseJson(text);
  } catch (cause) {
    throw wrong(`the webhook's answer can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** Of what it said, so much as fits in a message. */
const shown = (value: Json | undefined): string => (JSON.stringify(value ?? '').slice(0, 100));
const wrong = (message: string, cause?: unknown): GantryError => new GantryError('unavailable', message, { cause });
