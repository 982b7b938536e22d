import type { Json, JsonObject } from '#base/json.ts';
import { joinApiVersion, splitApiVersion } from '#cluster/kinds/api-groups.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { checkMetadata } from '#cluster/kinds/rules/metadata.ts';
import { isObject, objectOf } from '../admission/pod-spec.ts';
import { parseJson, textOf as textOfBytes } from '../json-body.ts';
import { same } from '../same.ts';
import { StatusError } from '../status.ts';

/** One question to a conversion webhook (`apiextensions.k8s.io`, `ConversionReview`). */
export interface ConversionQuestion {
  readonly uid: string;
  /** Of the review: `v1`, `v1beta1`. */
  readonly reviewVersion: string;
  /** `example.com/v2` */
  readonly desired: string;
  /** What is to be converted, none of it in that version. */
  readonly objects: readonly KubeObject[];
}

const GROUP = 'apiextensions.k8s.io';
/** What others may change of metadata; all else is as it was. */
const CHANGEABLE = ['labels', 'annotations'] as const;
const FIXED = [['name', 'name'], ['namespace', 'namespace'], ['uid', 'UID']] as const;
const LONGEST_MESSAGE = 16 * 1024;

export function renderConversion({ uid, reviewVersion, desired, objects }: ConversionQuestion): string {
  return JSON.stringify({ kind: 'ConversionReview', apiVersion: joinApiVersion(GROUP, reviewVersion), request: { uid, desiredAPIVersion: desired, objects: objects.map(asJson) } });
}

/** A conversion that went wrong, as upstream's server tells of it. */
export function conversionFailed({ objects: [first] }: ConversionQuestion, why: string): StatusError {
  return new StatusError('internal', `conversion webhook for ${first?.apiVersion ?? ''}, Kind=${first?.kind ?? ''} ${why}`.slice(0, LONGEST_MESSAGE), { code: 500, reason: '' });
}

/** The objects of an answer, with the metadata that no conversion changes. @throws StatusError where it is no answer to the question */
export function readConversion(bytes: Uint8Array, question: ConversionQuestion): readonly KubeObject[] {
  const failed = (why: string): StatusError => conversionFailed(question, `failed: ${why}`);
  let review: JsonObject;
  try {
    review = objectOf(parseJson(textOfBytes(bytes)));
  } catch (thrown) {
    throw failed(`its answer can't be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  const converted = objectsIn(review, question, failed);
  const { objects } = question;
  if (converted.length !== objects.length) throw conversionFailed(question, `returned ${converted.length} objects, expected ${objects.length}`);
  return objects.map((original, index) => restored(original, converted[index], question, index));
}

function objectsIn(review: JsonObject, { uid, reviewVersion }: ConversionQuestion, failed: (why: string) => StatusError): readonly Json[] {
  const isStrict = reviewVersion === 'v1';
  const [kind, apiVersion] = [shown(review['kind']), shown(review['apiVersion'])];
  if (isStrict && (kind !== 'ConversionReview' || apiVersion !== joinApiVersion(GROUP, 'v1'))) throw failed(`expected webhook response of ${GROUP}/v1, Kind=ConversionReview, got ${apiVersion}, Kind=${kind}`);
  const { response } = review;
  if (!isObject(response)) throw failed('no response provided');
  if (isStrict && response['uid'] !== uid) throw failed(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(shown(response['uid']))}`);
  const { status, message } = objectOf(response['result']);
  if (status !== 'Success') throw failed(typeof message === 'string' && message !== '' ? message : `response.result.status was '${shown(status)}', not 'Success'`);
  return Array.isArray(response['convertedObjects']) ? response['convertedObjects'] as readonly Json[] : [];
}

/** What a webhook made of an object: that same object, or a refusal. */
function restored(original: KubeObject, converted: Json | undefined, question: ConversionQuestion, index: number): KubeObject {
  const isList = question.objects.length > 1;
  const invalid = (why: string, whereOne = ''): StatusError => conversionFailed(question, `returned invalid ${isList ? `converted object at index ${index}` : `object${whereOne}`}: ${why}`);
  if (!isObject(converted)) throw invalid('it is no object', ' at index 0');
  const [apiVersion, kind] = [shown(converted['apiVersion']), shown(converted['kind'])];
  if (apiVersion !== question.desired) throw invalid(`invalid groupVersion (expected ${question.desired}, received ${apiVersion})`, ' at index 0');
  if (kind !== original.kind) throw invalid(`invalid kind (expected ${original.kind}, received ${kind})`, ' at index 0');
  const metadata = objectOf(converted['metadata']);
  const before = objectOf(original.metadata as unknown as Json);
  for (const [field, told] of FIXED) if ((before[field] ?? '') !== (metadata[field] ?? '')) throw invalid(`must have the same ${told}: ${shown(before[field])} != ${shown(metadata[field])}`);
  const wrong = (why: string): StatusError => conversionFailed(question, `returned invalid metadata${isList ? ` in object at index ${index}` : ''}: ${why}`);
  if (!isObject(converted['metadata'])) throw wrong('missing metadata in converted object');
  const kept: Record<string, Json> = { ...before } as Record<string, Json>;
  for (const field of CHANGEABLE) {
    delete kept[field];
    const texts = metadata[field];
    if (texts === undefined || texts === null) continue;
    if (!isObject(texts)) throw wrong(`invalid metadata.${field} in converted object: it is no map`);
    const strange = Object.entries(texts).find(([, value]) => typeof value !== 'string');
    if (strange !== undefined) throw wrong(`metadata.${field}[${strange[0]}] must be a string in converted object`);
    if (!same(texts, before[field])) checkTexts(field, texts, wrong);
    kept[field] = texts;
  }
  return asObject({ ...converted, metadata: kept });
}

/** What is new has to be good; what was there before is nobody's fault here. */
function checkTexts(field: 'labels' | 'annotations', texts: JsonObject, wrong: (why: string) => StatusError): void {
  const faults = checkMetadata(asObject({ metadata: { [field]: texts } }));
  if (faults.length > 0) throw wrong(faults.map((fault) => `${fault.field}: ${fault.message}`).join(', '));
}

/** Of what it said, so much as fits in a message. */
const shown = (value: Json | undefined): string => (typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)).slice(0, 200);

export const versionOf = ({ apiVersion }: KubeObject): string => splitApiVersion(apiVersion).version;
