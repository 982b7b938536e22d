import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { NewObject } from '#cluster/loop/controller.ts';
import { controllerReference } from './owned.ts';

/** `core.v1.PodTemplateSpec`. */
export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>>; readonly finalizers?: readonly string[] };
  readonly spec?: JsonObject;
}

export interface PodStatus {
  readonly phase?: string;
  readonly startTime?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }[];
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

interface ContainerStatus {
  readonly name?: string;
  readonly restartCount?: number;
  readonly state?: { readonly terminated?: { readonly exitCode?: number; readonly finishedAt?: string } };
}

export const statusOf = (pod: KubeObject): PodStatus => (pod['status'] ?? {}) as PodStatus;
export const specOf = <Spec>(object: KubeObject): Spec => (object['spec'] ?? {}) as Spec;

export const phaseOf = (pod: KubeObject): string => statusOf(pod).phase ?? 'Pending';
/** It has run to its end, one way or the other. */
export const isFinished = (pod: KubeObject): boolean => phaseOf(pod) === 'Succeeded' || phaseOf(pod) === 'Failed';

export function condition(pod: KubeObject, type: string): { readonly status: string; readonly lastTransitionTime?: string } | undefined {
  return statusOf(pod).conditions?.find((each) => each.type === type);
}

export const isReady = (pod: KubeObject): boolean => condition(pod, 'Ready')?.status === 'True';

/** Ready for as long as `minReadySeconds` asks. */
export function isAvailable(pod: KubeObject, minReadySeconds: number, nowMs: number): boolean {
  return isReady(pod) && readyForMs(pod, nowMs) >= minReadySeconds * 1000;
}

export function readyForMs(pod: KubeObject, nowMs: number): number {
  const since = Date.parse(condition(pod, 'Ready')?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? 0 : nowMs - since;
}

/** What one pod has beside its template. */
export interface PodExtras {
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly spec?: JsonObject;
}

/** A pod of a template, owned by who made it. */
export function podOf(owner: KubeObject, template: PodTemplate, more: PodExtras = {}): NewObject {
  const { labels, annotations } = template.metadata ?? {};
  const finalizers = [...template.metadata?.finalizers ?? [], ...more.finalizers ?? []];
  const allAnnotations = { ...annotations, ...more.annotations };
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: {
      ...(more.name === undefined ? { generateName: more.generateName ?? `${owner.metadata.name}-` } : { name: more.name }), ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...labels, ...more.labels }, ...(Object.keys(allAnnotations).length === 0 ? {} : { annotations: allAnnotations }), ...(finalizers.length === 0 ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: { ...template.spec, ...more.spec },
  };
}
