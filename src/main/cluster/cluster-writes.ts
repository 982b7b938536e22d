import type { Clock } from '#base/clock.ts';
import { isKind } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { AgentWrites } from '#cluster/agent/agent.ts';
import type { BalancerWrites } from '#cluster/agent/service-balancer.ts';
import type { ObjectWriter } from '#cluster/api/object-writer.ts';
import type { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { EventRecorder } from '#cluster/loop/event-recorder.ts';
import type { LocalWriter } from '#cluster/loop/local-writer.ts';
import { withScheduled, type SchedulerWrites } from '#cluster/scheduler/scheduler.ts';

const OPTIONS = { dryRun: false, user: 'system:node' };
const SCHEDULER = { dryRun: false, user: 'system:kube-scheduler' };

/** What scheduler and agent write, in the process of the API. */
export class ClusterWrites implements SchedulerWrites, AgentWrites, BalancerWrites {
  readonly #local: LocalWriter;
  readonly #writer: ObjectWriter;
  readonly #pods: ResourceDefinition;
  readonly #events: ResourceDefinition;
  readonly #volumes: ResourceDefinition;
  readonly #services: ResourceDefinition;
  readonly #recorder: EventRecorder;
  readonly #clock: Clock;

  constructor(local: LocalWriter, writer: ObjectWriter, registry: ResourceRegistry, clock: Clock) {
    const find = (plural: string): ResourceDefinition => registry.find('', 'v1', plural) as ResourceDefinition;
    this.#local = local;
    this.#writer = writer;
    this.#pods = find('pods');
    this.#events = find('events');
    this.#volumes = find('persistentvolumes');
    this.#services = find('services');
    this.#recorder = new EventRecorder(local);
    this.#clock = clock;
  }

  async bind(pod: KubeObject, node: string): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    await this.#writer.update(this.#pods, namespace, name, 'binding', (current) => current.metadata.uid !== uid ? current : { ...withoutNomination(withScheduled(current, true, '', this.#nowMs())), spec: { ...current['spec'] as object, nodeName: node } }, SCHEDULER);
    await this.#event('default-scheduler', pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
  }

  async unschedulable(pod: KubeObject, message: string): Promise<void> {
    const { namespace, name } = pod.metadata;
    const next = withScheduled(pod, false, message, this.#nowMs());
    if (JSON.stringify(next['status']) === JSON.stringify(pod['status'])) return;
    await this.#writer.update(this.#pods, namespace, name, 'status', (current) => withScheduled(current, false, message, this.#nowMs()), SCHEDULER);
    await this.#event('default-scheduler', pod, 'Warning', 'FailedScheduling', message);
  }

  async preempt(pod: KubeObject, node: string, victims: readonly KubeObject[]): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    for (const victim of victims) await this.#makeGo(victim, uid, node);
    await this.#writer.update(this.#pods, namespace, name, 'status', (current) => (current.metadata.uid !== uid ? current : { ...current, status: { ...current['status'] as JsonObject, nominatedNodeName: node } }), SCHEDULER);
  }

  async #makeGo(victim: KubeObject, by: string, node: string): Promise<void> {
    const { namespace, name, uid } = victim.metadata;
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: 'default-scheduler: preempting to accommodate a higher priority pod', lastTransitionTime: timeText(this.#nowMs()) };
    try {
      await this.#writer.update(this.#pods, namespace, name, 'status', (current) => (current.metadata.uid !== uid ? current : withCondition(current, condition)), SCHEDULER);
      await this.#writer.delete(this.#pods, namespace, name, { preconditions: { uid } }, SCHEDULER);
      await this.#event('default-scheduler', victim, 'Normal', 'Preempted', `Preempted by pod ${by} on node ${node}`);
    } catch (thrown) {
      // It has gone by itself.
      if (!isKind(thrown, 'not-found', 'conflict')) throw thrown;
    }
  }

  async status(pod: KubeObject, status: JsonObject): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    await this.#writer.update(this.#pods, namespace, name, 'status', (current) => current.metadata.uid !== uid ? current : { ...current, status }, OPTIONS);
  }

  async release(pod: KubeObject): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    await this.#writer.delete(this.#pods, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } }, OPTIONS);
  }

  async forgetVolume(volume: KubeObject): Promise<void> {
    await this.#local.delete(this.#volumes, volume, {});
  }

  async event(pod: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string): Promise<void> {
    await this.#event('kubelet', pod, type, reason, message, fieldPath);
  }

  async serviceStatus(service: KubeObject, status: JsonObject): Promise<void> {
    const { namespace, name, uid } = service.metadata;
    await this.#writer.update(this.#services, namespace, name, 'status', (current) => (current.metadata.uid !== uid ? current : { ...current, status: { ...current['status'] as JsonObject, ...status } }), OPTIONS);
  }

  async serviceEvent(service: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    await this.#event('service-controller', service, type, reason, message);
  }

  async #event(component: string, about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string): Promise<void> {
    await this.#recorder.tell(this.#events, component, { kind: 'event', about, type, reason, message, why: reason, ...(fieldPath === undefined ? {} : { fieldPath }) }, this.#nowMs());
  }

  #nowMs(): number {
    return Number(this.#clock.nowNs() / 1_000_000n);
  }
}

function withoutNomination(pod: KubeObject): KubeObject {
  const { nominatedNodeName: _node, ...status } = pod['status'] as JsonObject;
  return { ...pod, status };
}

function withCondition(pod: KubeObject, condition: JsonObject): KubeObject {
  const status = (pod['status'] ?? {}) as { readonly conditions?: readonly JsonObject[] } & JsonObject;
  return { ...pod, status: { ...status, conditions: [...(status.conditions ?? []).filter(({ type }) => type !== condition['type']), condition] } };
}
