import type { Clock } from '#base/clock.ts';
import { isKind } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { Random } from '#base/random.ts';
import type { KindRules } from '#cluster/kinds/kind-rules.ts';
import { asJson, timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { Admission, AdmissionSubject } from './admission.ts';
import type { User } from './api-request.ts';
import type { FieldManager, WriteAuthor } from './apply/field-manager.ts';
import { hasContent, planDeletion, type DeleteOptions } from './deletion-plan.ts';
import { generatedName, nameCauses, newUid } from './names.ts';
import type { ObjectStore } from './object-store.ts';
import { atOnce, inTurns, type PartsOfWork } from './parts-of-work.ts';
import { badRequest, invalid, methodNotSupported, modified, preconditionFailed } from './refusals.ts';
import { same } from './same.ts';
import { checkValueCount } from './value-count.ts';

export interface WriteOptions {
  /** Everything but the write. */
  readonly dryRun: boolean;
  readonly user: string;
  /** Who asks over the API; absent where it is a part of the cluster itself. */
  readonly requester?: User;
  /** Takes what the client should be told of beside the answer. */
  readonly warn?: (text: string) => void;
  /** Takes what the audit log should have beside. */
  readonly annotate?: (key: string, value: string) => void;
  /** Who owns the fields that are written; the user where it is not said. */
  readonly manager?: string;
}

/** A configuration to apply (kubernetes.io, "Server-Side Apply"). */
export interface Configuration {
  readonly config: JsonObject;
  /** Takes fields from those who own them. */
  readonly force: boolean;
}

/** Changes an object; asked again with a newer one where somebody else was faster. */
export type Mutation = (current: KubeObject) => KubeObject | Promise<KubeObject>;

const MOST_TRIES = 10;
const NS_PER_MS = 1_000_000n;

/** Writes objects as the API has it: what the server sets, what defaults fill in, what is refused. */
export class ObjectWriter {
  readonly #objects: ObjectStore;
  readonly #rulesOf: (of: ResourceDefinition) => KindRules;
  readonly #admission: Admission;
  readonly #fields: FieldManager;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #turn: () => Promise<void>;

  /** @param parts `turn` settles when the loop has done what else waits: writes of large objects leave it time between their parts */
  constructor(parts: { objects: ObjectStore; rulesOf: (of: ResourceDefinition) => KindRules; admission: Admission; fields: FieldManager; clock: Clock; random: Random; turn?: () => Promise<void> }) {
    this.#turn = parts.turn ?? (async () => {});
    this.#objects = parts.objects;
    this.#rulesOf = parts.rulesOf;
    this.#admission = parts.admission;
    this.#fields = parts.fields;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  async create(of: ResourceDefinition, namespace: string | undefined, given: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const { object: named, isLarge } = this.#defaulted(of, this.#fresh(of, namespace, given));
    const author = this.#author(options, undefined);
    if (isLarge) await this.#turn();
    return await this.#make(of, await this.#done(isLarge, this.#fields.updated(of, undefined, named, author)), options, isLarge);
  }

  async #make(of: ResourceDefinition, named: KubeObject, options: WriteOptions, isLarge: boolean): Promise<KubeObject> {
    if (of.custom?.isTerminating === true) throw methodNotSupported(of, 'create');
    const causes = nameCauses(of.plural, named.metadata.name);
    if (causes.length > 0) throw invalid(of, named.metadata.name, causes);
    const subject: AdmissionSubject = { of, operation: 'CREATE', options, settle: (object) => this.#defaulted(of, withOwn(named, object)).object };
    if (isLarge) await this.#turn();
    const admitted = await this.#admission.mutate(withStatus(of, named), subject);
    this.#check(of, admitted, undefined);
    if (isLarge) await this.#turn();
    await this.#admission.validate(admitted, subject);
    if (isLarge) await this.#turn();
    await this.#admission.charge(of, admitted, undefined, options);
    return options.dryRun ? admitted : await this.#objects.create(of, admitted);
  }

  /** @returns the object, and whether it was made by it */
  async apply(of: ResourceDefinition, namespace: string | undefined, name: string, subresource: string | undefined, { config, force }: Configuration, options: WriteOptions): Promise<{ readonly object: KubeObject; readonly isNew: boolean }> {
    const author = this.#author(options, subresource);
    const isLargeConfig = checkValueCount(config);
    try {
      const mutate = async (current: KubeObject): Promise<KubeObject> => await this.#done(isLargeConfig || checkValueCount(asJson(current)), this.#fields.applied(of, current, config, author, force));
      return { object: await this.#change(of, namespace, name, subresource, mutate, options, undefined), isNew: false };
    } catch (thrown) {
      if (!isKind(thrown, 'not-found') || subresource !== undefined) throw thrown;
      const applied = await this.#done(isLargeConfig, this.#fields.applied(of, undefined, config, author, force));
      const { object: named, isLarge } = this.#defaulted(of, this.#fresh(of, namespace, applied));
      return { object: await this.#make(of, named, options, isLarge), isNew: true };
    }
  }

  /** @param subresource `status` changes that and nothing else, `binding` both, one that the kind has a part for that part; without it, all but the status */
  async update(of: ResourceDefinition, namespace: string | undefined, name: string, subresource: string | undefined, mutate: Mutation, options: WriteOptions): Promise<KubeObject> {
    return await this.#change(of, namespace, name, subresource, mutate, options, this.#author(options, subresource));
  }

  /** @param author whose fields they become; undefined where they are somebody's already */
  async #change(of: ResourceDefinition, namespace: string | undefined, name: string, subresource: string | undefined, mutate: Mutation, options: WriteOptions, author: WriteAuthor | undefined): Promise<KubeObject> {
    for (let tries = 1; ; tries += 1) {
      const current = await this.#objects.get(of, namespace, name);
      const asked = await mutate(current);
      const isConditional = asked.metadata.resourceVersion !== undefined && asked.metadata.resourceVersion !== '';
      if (isConditional && asked.metadata.resourceVersion !== current.metadata.resourceVersion) throw modified(of, name);
      const { object: defaulted, isLarge } = this.#settled(of, current, asked, subresource);
      if (isLarge) await this.#turn();
      const kept = author === undefined ? defaulted : await this.#done(isLarge, this.#fields.updated(of, current, defaulted, author));
      if (isLarge) await this.#turn();
      const subject: AdmissionSubject = {
        of, operation: 'UPDATE', old: current, options: { ...options, ...(subresource === undefined ? {} : { subresource }) }, settle: (object) => this.#settled(of, current, withOwn(kept, object), subresource).object,
      };
      const next = await this.#admission.mutate(kept, subject);
      this.#check(of, next, current, subresource);
      if (isLarge) await this.#turn();
      await this.#admission.validate(next, subject);
      if (same(next, current) && !await this.#objects.isOutdated(of, next)) return next;
      if (isLarge) await this.#turn();
      if (subresource !== 'status') await this.#admission.charge(of, next, current, options);
      if (options.dryRun) return next;
      try {
        return isFinished(next) ? await this.#objects.delete(of, next) : await this.#objects.update(of, next);
      } catch (thrown) {
        // What names a version is refused when it is made from the newer one.
        if (tries >= MOST_TRIES || !(thrown instanceof Error && /has been modified/.test(thrown.message))) throw thrown;
      }
    }
  }

  /** @returns the object as it is now: gone, or with the time by which it will be */
  async delete(of: ResourceDefinition, namespace: string | undefined, name: string, asked: DeleteOptions, options: WriteOptions): Promise<{ readonly object: KubeObject; readonly isGone: boolean }> {
    for (let tries = 1; ; tries += 1) {
      const current = await this.#objects.get(of, namespace, name);
      this.#checkPreconditions(of, current, asked);
      await this.#admission.delete(current, { of, operation: 'DELETE', old: current, options, settle: (object) => object });
      const plan = planDeletion(of, current, asked, this.#nowMs());
      if (options.dryRun || plan.kind === 'none') return { object: current, isGone: false };
      try {
        if (plan.kind === 'delete') return { object: await this.#objects.delete(of, current), isGone: true };
        return { object: await this.#objects.update(of, plan.object), isGone: false };
      } catch (thrown) {
        if (tries >= MOST_TRIES || !(thrown instanceof Error && /has been modified/.test(thrown.message))) throw thrown;
      }
    }
  }

  /** The work on a large object leaves others their turns. */
  async #done<T>(isLarge: boolean, work: PartsOfWork<T>): Promise<T> {
    return isLarge ? await inTurns(work, this.#turn) : atOnce(work);
  }

  #author({ manager, user }: WriteOptions, subresource: string | undefined): WriteAuthor {
    return { manager: manager ?? user, subresource, now: timeText(this.#nowMs()) };
  }

  #nowMs(): number {
    return Number(this.#clock.nowNs() / NS_PER_MS);
  }

  /** What only the server says of a new object. */
  #fresh(of: ResourceDefinition, namespace: string | undefined, given: KubeObject): KubeObject {
    const { metadata, ...rest } = given;
    const { resourceVersion, selfLink: _link, deletionTimestamp: _deletion, deletionGracePeriodSeconds: _grace, namespace: ownNamespace, ...kept } = metadata as KubeObject['metadata'] & { selfLink?: string };
    if (resourceVersion !== undefined && resourceVersion !== '') throw badRequest('resourceVersion should not be set on objects to be created');
    if (of.namespaced && ownNamespace !== undefined && ownNamespace !== '' && ownNamespace !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    const name = kept.name !== undefined && kept.name !== '' ? kept.name : kept.generateName !== undefined && kept.generateName !== '' ? generatedName(kept.generateName, this.#random) : '';
    return {
      ...rest,
      metadata: {
        ...kept, name, ...(of.namespaced && namespace !== undefined ? { namespace } : {}), uid: newUid(this.#random),
        creationTimestamp: timeText(this.#nowMs()), ...(hasGeneration(of, given) ? { generation: 1 } : {}),
      },
    } as unknown as KubeObject;
  }

  #defaulted(of: ResourceDefinition, object: KubeObject): { readonly object: KubeObject; readonly isLarge: boolean } {
    const defaulted = this.#rulesOf(of).defaults?.(object) ?? object;
    // Before whose fields they are is found, which costs many times as much.
    return { object: defaulted, isLarge: checkValueCount(asJson(defaulted)) };
  }

  #check(of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, subresource?: string): void {
    const rules = this.#rulesOf(of);
    const faults = [...rules.validate?.(object, old) ?? [], ...(old === undefined ? [] : rules.validateUpdate?.(object, old, subresource) ?? [])];
    if (faults.length > 0) throw invalid(of, object.metadata.name, faults);
  }

  /** What an update makes of an object; the generation counts changes of anything but metadata and status. */
  #settled(of: ResourceDefinition, current: KubeObject, asked: KubeObject, subresource: string | undefined): { readonly object: KubeObject; readonly isLarge: boolean } {
    const { object, isLarge } = this.#defaulted(of, this.#kept(of, current, asked, subresource));
    const { generation } = object.metadata;
    // With defaults: what a client leaves out that has one is no change.
    const isSame = generation === undefined || subresource === 'status' || subresource === 'binding' || same(contentOf(of, object), contentOf(of, current));
    return { object: isSame ? object : { ...object, metadata: { ...object.metadata, generation: generation + 1 } }, isLarge };
  }

  /** The asked object with what no update changes. */
  #kept(of: ResourceDefinition, current: KubeObject, asked: KubeObject, subresource: string | undefined): KubeObject {
    const { metadata } = current;
    if (asked.metadata.name !== undefined && asked.metadata.name !== metadata.name) throw badRequest(`the name of the object (${asked.metadata.name}) does not match the name on the URL (${metadata.name})`);
    if (asked.metadata.uid !== undefined && asked.metadata.uid !== '' && asked.metadata.uid !== metadata.uid) {
      throw preconditionFailed(of, metadata.name, `UID in precondition: ${asked.metadata.uid}, UID in object meta: ${metadata.uid}`);
    }
    if (subresource === 'status') return { ...current, status: asked['status'], metadata: { ...metadataOfStatus(of, metadata, asked.metadata), ...(asked.metadata.managedFields === undefined ? {} : { managedFields: asked.metadata.managedFields }) } };
    const server: Partial<KubeObject['metadata']> = {
      name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), uid: metadata.uid, resourceVersion: metadata.resourceVersion, creationTimestamp: metadata.creationTimestamp,
      ...(metadata.deletionTimestamp === undefined ? {} : { deletionTimestamp: metadata.deletionTimestamp }),
      ...(metadata.deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds }),
    };
    const part = this.#rulesOf(of).parts?.[subresource ?? ''];
    const { status, ...content } = part?.(asked, current) ?? asked;
    const kept = of.subresources.includes('status') && subresource !== 'binding' ? current['status'] : status;
    const next = { ...content, apiVersion: current.apiVersion, kind: current.kind, metadata: { ...content.metadata, ...server }, ...(kept === undefined ? {} : { status: kept }) } as KubeObject;
    return metadata.generation === undefined ? next : { ...next, metadata: { ...next.metadata, generation: metadata.generation } };
  }

  #checkPreconditions(of: ResourceDefinition, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
    if (preconditions?.uid !== undefined && preconditions.uid !== metadata.uid) throw preconditionFailed(of, metadata.name, `UID in precondition: ${preconditions.uid}, UID in object meta: ${metadata.uid}`);
    if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== metadata.resourceVersion) {
      throw preconditionFailed(of, metadata.name, `ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`);
    }
  }
}

/** Deleted, and the last finalizer is gone. Pods wait for their node to say so, namespaces for what is in them. */
function isFinished(object: KubeObject): boolean {
  const { kind, metadata } = object;
  if (metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0) return false;
  return kind === 'Pod' ? metadata.deletionGracePeriodSeconds === 0 : kind === 'Namespace' ? !hasContent(object) : true;
}

/** What others made of an object, with what they have no say in. */
function withOwn({ apiVersion, kind, metadata }: KubeObject, object: KubeObject): KubeObject {
  const { name, namespace, uid, creationTimestamp, resourceVersion, generation, managedFields } = metadata;
  const own = Object.fromEntries(Object.entries({ name, namespace, uid, creationTimestamp, resourceVersion, generation, managedFields }).filter(([, value]) => value !== undefined));
  return { ...object, apiVersion, kind, metadata: { ...object.metadata, ...own } as KubeObject['metadata'] };
}

/** Kinds whose status is written without their labels and annotations (upstream's strategies that call `ResetObjectMetaForStatus`); and pods and nodes, whose labels say who may do what with them. */
const RESETS_METADATA: ReadonlySet<string> = new Set(['apiservices', 'customresourcedefinitions', 'devicetaintrules', 'nodes', 'podcertificaterequests', 'podgroups', 'pods', 'resourceclaims', 'resourcepoolstatusrequests', 'servicecidrs', 'storageversionmigrations', 'storageversions', 'validatingadmissionpolicies', 'volumeattachments']);

/** Of most built-in kinds, who writes the status annotates and labels, too; a deployment's labels are the exception. */
function metadataOfStatus({ custom, group, plural }: ResourceDefinition, current: KubeObject['metadata'], asked: KubeObject['metadata']): KubeObject['metadata'] {
  if (custom !== undefined || RESETS_METADATA.has(plural)) return current;
  const { annotations: _annotations, labels, ...kept } = current;
  const next = group === 'apps' && plural === 'deployments' ? labels : asked.labels;
  return { ...kept, ...(next === undefined ? {} : { labels: next }), ...(asked.annotations === undefined ? {} : { annotations: asked.annotations }) } as KubeObject['metadata'];
}

const hasGeneration = ({ custom }: ResourceDefinition, object: KubeObject): boolean => custom !== undefined || Object.hasOwn(object, 'spec') || Object.hasOwn(object, 'webhooks');

/** The status of a custom kind without a path for it is content like all else. */
function contentOf({ custom, subresources }: ResourceDefinition, { metadata: _metadata, status, ...content }: KubeObject): JsonObject {
  return (custom === undefined || subresources.includes('status') ? content : { ...content, status }) as unknown as JsonObject;
}

/** Upstream's own kinds say that they have a status, also before there is anything in it; programs read on from there. */
function withStatus({ custom, subresources }: ResourceDefinition, object: KubeObject): KubeObject {
  return custom !== undefined || object['status'] !== undefined || !subresources.includes('status') ? object : { ...object, status: {} };
}
