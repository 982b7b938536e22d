import type { ScalingRules } from './autoscaler-shape.ts';

/** What an autoscaler said and did lately. Times in milliseconds. */
export interface ScalingHistory {
  /** When it last looked, whatever it found. */
  readonly lookedMs?: number;
  readonly recommendations: readonly { readonly atMs: number; readonly replicas: number }[];
  /** Above 0: pods were added. */
  readonly changes: readonly { readonly atMs: number; readonly by: number }[];
}

export interface Paced {
  readonly replicas: number;
  /** What held it back: `autoscaling.v2`'s reasons for AbleToScale and ScalingLimited. */
  readonly held?: 'ScaleUpStabilized' | 'ScaleDownStabilized' | 'ScaleUpLimit' | 'ScaleDownLimit';
}

type Rules = Required<Omit<ScalingRules, 'tolerance'>>;
const DEFAULT_UP: Rules = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] };
const DEFAULT_DOWN: Rules = { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
/** Nothing looks further back: the longest window that the API takes. */
const LONGEST_MS = 3_600_000;

/** How far it goes now: no further than everything said within the window would, and no faster than the policies allow (kubernetes.io, "Horizontal Pod Autoscaling", Configurable scaling behavior). */
export function pace(current: number, recommended: number, behavior: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules }, history: ScalingHistory, nowMs: number): Paced {
  const [up, down] = [{ ...DEFAULT_UP, ...behavior.scaleUp }, { ...DEFAULT_DOWN, ...behavior.scaleDown }];
  const within = (seconds: number): number[] => [recommended, ...history.recommendations.filter(({ atMs }) => atMs > nowMs - seconds * 1000).map(({ replicas }) => replicas)];
  if (recommended > current) {
    const steady = Math.min(...within(up.stabilizationWindowSeconds));
    if (steady <= current) return { replicas: current, held: 'ScaleUpStabilized' };
    const limit = limitOf(current, up, history, nowMs, 1);
    return steady > limit ? { replicas: Math.max(current, limit), held: 'ScaleUpLimit' } : { replicas: steady };
  }
  if (recommended < current) {
    const steady = Math.max(...within(down.stabilizationWindowSeconds));
    if (steady >= current) return { replicas: current, held: 'ScaleDownStabilized' };
    const limit = limitOf(current, down, history, nowMs, -1);
    return steady < limit ? { replicas: Math.min(current, limit), held: 'ScaleDownLimit' } : { replicas: steady };
  }
  return { replicas: current };
}

/** The furthest that policies let it go. @param sign 1 up, -1 down */
function limitOf(current: number, { selectPolicy, policies }: Rules, { changes }: ScalingHistory, nowMs: number, sign: 1 | -1): number {
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = current - changes.filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000).reduce((total, { by }) => total + by, 0);
    if (type === 'Pods') return start + sign * value;
    return sign > 0 ? Math.ceil(start * (1 + value / 100)) : Math.floor(start * (1 - value / 100));
  });
  const furthest = sign > 0 ? Math.max(...limits) : Math.min(...limits);
  const nearest = sign > 0 ? Math.min(...limits) : Math.max(...limits);
  return selectPolicy === 'Min' ? nearest : furthest;
}

/** @param recommended undefined: it could not tell */
export function remember({ recommendations, changes }: ScalingHistory, recommended: number | undefined, by: number, nowMs: number): ScalingHistory {
  const isRecent = ({ atMs }: { readonly atMs: number }): boolean => atMs > nowMs - LONGEST_MS;
  return {
    lookedMs: nowMs, changes: [...changes.filter(isRecent), ...(by === 0 ? [] : [{ atMs: nowMs, by }])],
    recommendations: [...recommendations.filter(isRecent), ...(recommended === undefined ? [] : [{ atMs: nowMs, replicas: recommended }])],
  };
}
