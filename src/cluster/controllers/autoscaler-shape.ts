import type { KubeObject } from '#cluster/kinds/object.ts';
import { specOf } from './pod-shape.ts';

// `autoscaling.v2.HorizontalPodAutoscaler`, as far as scaling looks at it. Field names are the API's.

export interface MetricTarget {
  readonly type?: string;
  readonly averageUtilization?: number;
  readonly averageValue?: string;
}

interface NamedMetric { readonly metric?: { readonly name?: string } }

export interface MetricSpec {
  readonly type: string;
  readonly pods?: NamedMetric;
  readonly object?: NamedMetric;
  readonly external?: NamedMetric;
  readonly resource?: { readonly name: string; readonly target: MetricTarget };
  readonly containerResource?: { readonly name: string; readonly container: string; readonly target: MetricTarget };
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
  /** A quantity: a share of the target. */
  readonly tolerance?: string;
  readonly policies?: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[];
}

export interface AutoscalerSpec {
  readonly scaleTargetRef?: { readonly kind: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly metrics?: readonly MetricSpec[];
  readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules };
}

export interface AutoscalerCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export interface AutoscalerStatus {
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
  readonly lastScaleTime?: string;
  readonly currentMetrics?: readonly object[] | null;
  readonly conditions?: readonly AutoscalerCondition[];
  readonly observedGeneration?: number;
}

export const scalerSpec = (scaler: KubeObject): AutoscalerSpec => specOf<AutoscalerSpec>(scaler);
export const scalerStatus = (scaler: KubeObject): AutoscalerStatus => (scaler['status'] ?? {}) as AutoscalerStatus;

/** What the containers of a pod use now: thousandths of a processor, and bytes. By container. */
export type PodUsage = ReadonlyMap<string, { readonly cpuMilli: number; readonly memoryBytes: number }>;
