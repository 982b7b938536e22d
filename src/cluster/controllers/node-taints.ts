import { NOTHING, type Controller, type Plan } from '#cluster/loop/controller.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';

interface Taint { readonly key: string; readonly value?: string; readonly effect: string }
interface Condition { readonly type: string; readonly status: string }

const PREFIX = 'node.kubernetes.io/';
/** Which taint says what a condition says (kubernetes.io, "Taint Nodes by Condition"). */
const TAINTS: readonly (readonly [type: string, status: string, taint: string])[] = [
  ['Ready', 'False', 'not-ready'], ['Ready', 'Unknown', 'unreachable'], ['MemoryPressure', 'True', 'memory-pressure'], ['DiskPressure', 'True', 'disk-pressure'], ['PIDPressure', 'True', 'pid-pressure'],
  ['NetworkUnavailable', 'True', 'network-unavailable'],
];

/** No pod is placed on a node that says that it is short of something. */
export const nodeTaintsController: Controller = {
  name: 'node-lifecycle-controller',
  reads: ['nodes'],
  writes: ['nodes'],
  keysFor: (_resource, { metadata }) => [metadata.name],
  reconcile(key, view): Plan {
    const node = view.get('nodes', undefined, key);
    if (node === undefined) return NOTHING;
    const wanted = wantedTaints(node);
    const present = taintsOf(node).filter(isOwn);
    if (wanted.length === present.length && wanted.every((taint) => present.some(({ key: own }) => own === taint.key))) return NOTHING;
    const { taints: _taints, ...spec } = (node['spec'] ?? {}) as Readonly<Record<string, unknown>>;
    const taints = [...taintsOf(node).filter((taint) => !isOwn(taint)), ...wanted];
    return { writes: [{ kind: 'update', resource: 'nodes', object: { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } } as unknown as KubeObject, why: `its conditions ask for ${wanted.length === 0 ? 'no taint' : wanted.map((taint) => taint.key).join(', ')}` }] };
  },
};

const taintsOf = (node: KubeObject): readonly Taint[] => ((node['spec'] ?? {}) as { readonly taints?: readonly Taint[] }).taints ?? [];

/** Those that this controller gives and takes. */
const isOwn = ({ key, effect }: Taint): boolean => effect === 'NoSchedule' && TAINTS.some(([, , name]) => key === PREFIX + name);

function wantedTaints(node: KubeObject): readonly Taint[] {
  const conditions = ((node['status'] ?? {}) as { readonly conditions?: readonly Condition[] }).conditions ?? [];
  return TAINTS.filter(([type, status]) => conditions.some((each) => each.type === type && each.status === status)).map(([, , name]) => ({ key: PREFIX + name, effect: 'NoSchedule' }));
}
