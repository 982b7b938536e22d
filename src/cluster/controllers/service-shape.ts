import type { KubeObject } from '#cluster/kinds/object.ts';
import { specOf } from './pod-shape.ts';

// `core.v1.Service`, as far as controllers look at it, and what names its slices. Field names are the API's.

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
  readonly appProtocol?: string;
}

export interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly ServicePort[];
  readonly type?: string;
  readonly clusterIP?: string;
  readonly publishNotReadyAddresses?: boolean;
}

export const SLICES = 'discovery.k8s.io/endpointslices';
export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

export function selects(service: KubeObject, pod: KubeObject): boolean {
  const { selector } = specOf<ServiceSpec>(service);
  return selector !== undefined && Object.keys(selector).length > 0 && Object.entries(selector).every(([name, value]) => pod.metadata.labels?.[name] === value);
}
