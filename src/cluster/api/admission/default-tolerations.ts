import type { JsonObject } from '#base/json.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { isPod, objectsOf, podSpec } from './pod-spec.ts';

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const SECONDS = 300;

/** A node that is out of reach keeps its pods for five minutes, unless they say otherwise (upstream's DefaultTolerationSeconds). */
export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  create: async (of, pod) => (isPod(of) ? tolerant(pod) : pod),
  update: async (of, pod, _old, { subresource }) => (isPod(of) && subresource === undefined ? tolerant(pod) : pod),
};

function tolerant(pod: KubeObject): KubeObject {
  const spec = podSpec(pod);
  const tolerations = objectsOf(spec['tolerations']);
  const missing = TAINTS.filter((taint) => !tolerations.some((each) => tolerates(each, taint)));
  if (missing.length === 0) return pod;
  const added = missing.map((key): JsonObject => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
  return asObject({ ...asJson(pod), spec: { ...spec, tolerations: [...tolerations, ...added] } });
}

const tolerates = ({ key = '', effect = '' }: JsonObject, taint: string): boolean => (key === taint || key === '') && (effect === 'NoExecute' || effect === '');
