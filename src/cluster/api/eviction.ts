import type { Clock } from '#base/clock.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { json, type ApiRequest, type ApiResponse } from './api-request.ts';
import type { DeleteOptions } from './deletion-plan.ts';
import { matchesLabels, requirementsOf, type LabelSelector } from './labels.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectWriter, WriteOptions } from './object-writer.ts';
import { readBody } from './read-body.ts';
import { badRequest, forbidden, methodNotSupported } from './refusals.ts';
import type { ResourceRequest } from './request-info.ts';
import { StatusError, type StatusDetail } from './status.ts';

export interface EvictionParts {
  readonly objects: ObjectStore;
  readonly writer: ObjectWriter;
  readonly schemas: SchemaSet;
  readonly clock: Clock;
  readonly pods: ResourceDefinition;
  readonly budgets: ResourceDefinition;
}

interface Budget {
  readonly selector?: LabelSelector;
  readonly unhealthyPodEvictionPolicy?: string;
}

interface BudgetStatus {
  readonly observedGeneration?: number;
  readonly disruptionsAllowed?: number;
  readonly currentHealthy?: number;
  readonly desiredHealthy?: number;
  readonly disruptedPods?: Readonly<Record<string, string>>;
}

/** More than so many evictions under way, and the budget's status would grow without bound. */
const MOST_DISRUPTED = 2000;
const STILL_PROCESSED_SECONDS = 10;

const statusOf = (object: KubeObject): BudgetStatus => (object['status'] ?? {}) as BudgetStatus;

/** `POST .../pods/NAME/eviction` (kubernetes.io, "API-initiated Eviction"): a delete that asks the pod's budget first. */
export async function evict(parts: EvictionParts, { namespace, name = '' }: ResourceRequest, request: ApiRequest, options: WriteOptions): Promise<ApiResponse> {
  const { objects, writer, schemas, pods } = parts;
  if (request.method !== 'POST') throw methodNotSupported(pods, request.method.toLowerCase());
  const body = readBody(schemas, request.contentType, await request.body());
  const given = (body['metadata'] as { readonly name?: string } | undefined)?.name;
  if (given !== undefined && given !== name) throw badRequest(`name in URL does not match name in Eviction object: ${JSON.stringify(name)}, ${JSON.stringify(given)}`);
  const asked = (body['deleteOptions'] ?? {}) as DeleteOptions;
  const how = { ...options, dryRun: options.dryRun || asked.dryRun?.includes('All') === true };
  const pod = await objects.get(pods, namespace, name);
  const isChecked = await spend(parts, pod, how);
  const preconditions = { uid: pod.metadata.uid, ...asked.preconditions };
  if (isChecked && !how.dryRun) await markTarget(parts, pod, how);
  await writer.delete(pods, namespace, name, { ...asked, preconditions }, how);
  return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

/** Takes the pod out of what its budget allows. @returns whether it is one that a budget could have kept @throws StatusError 429 */
async function spend(parts: EvictionParts, pod: KubeObject, options: WriteOptions): Promise<boolean> {
  const { objects, writer, budgets, pods } = parts;
  const { name, namespace, labels = {}, deletionTimestamp } = pod.metadata;
  const { phase, conditions = [] } = (pod['status'] ?? {}) as { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  if (deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending') return false;
  const matching = (await objects.list(budgets, namespace)).items.filter((budget) => {
    const { selector } = (budget['spec'] ?? {}) as Budget;
    return selector !== undefined && matchesLabels(requirementsOf(selector), labels);
  });
  const [budget] = matching;
  if (matching.length > 1) throw new StatusError('internal', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  if (budget === undefined) return true;
  const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (!isReady && isSpared(budget)) return true;
  await writer.update(budgets, namespace, budget.metadata.name, 'status', (current) => {
    const status = statusOf(current);
    checkBudget(pods, name, current);
    const disruptedPods = { ...status.disruptedPods, [name]: timeText(Number(parts.clock.nowNs() / 1_000_000n)) };
    // Without a version it goes on top of whatever there is then, and is checked anew.
    return { ...current, metadata: { ...current.metadata, resourceVersion: '' }, status: { ...status, disruptionsAllowed: (status.disruptionsAllowed ?? 0) - 1, disruptedPods } };
  }, options);
  return true;
}

/** A pod that does not serve is nobody's loss: always, or while the others are enough. */
function isSpared(budget: KubeObject): boolean {
  const { unhealthyPodEvictionPolicy = 'IfHealthyBudget' } = (budget['spec'] ?? {}) as Budget;
  const { currentHealthy = 0, desiredHealthy = 0 } = statusOf(budget);
  return unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0);
}

function checkBudget(pods: ResourceDefinition, pod: string, budget: KubeObject): void {
  const { observedGeneration = 0, disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0, disruptedPods = {} } = statusOf(budget);
  const { name, generation = 1 } = budget.metadata;
  const wait = 'Cannot evict pod as it would violate the pod\'s disruption budget.';
  if (observedGeneration < generation) throw tooMany(wait, `The disruption budget ${name} is still being processed by the server.`, { retryAfterSeconds: STILL_PROCESSED_SECONDS });
  if (disruptionsAllowed < 0) throw forbidden(pods, pod, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > MOST_DISRUPTED) throw forbidden(pods, pod, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (disruptionsAllowed === 0) throw tooMany(wait, `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`, {});
}

function tooMany(message: string, cause: string, detail: StatusDetail): StatusError {
  return new StatusError('unavailable', message, { code: 429, reason: 'TooManyRequests', causes: [{ reason: 'DisruptionBudget', message: cause }], ...detail });
}

/** Says on the pod itself why it goes: failure policies of jobs look at that. */
async function markTarget({ writer, pods, clock }: EvictionParts, pod: KubeObject, options: WriteOptions): Promise<void> {
  const target = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastTransitionTime: timeText(Number(clock.nowNs() / 1_000_000n)) };
  await writer.update(pods, pod.metadata.namespace, pod.metadata.name, 'status', (current) => {
    const status = (current['status'] ?? {}) as { readonly conditions?: readonly { readonly type: string }[] };
    return { ...current, metadata: { ...current.metadata, resourceVersion: '' }, status: { ...status, conditions: [...(status.conditions ?? []).filter(({ type }) => type !== target.type), target] } };
  }, options);
}
