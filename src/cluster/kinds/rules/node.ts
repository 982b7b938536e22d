import type { KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, NAME, NONE, wide } from './_columns.ts';
import { listAt, objectAt, textAt, valueAt } from './_fields.ts';
import { fill } from './_pod-defaults.ts';

const ROLE = 'node-role.kubernetes.io/';
const address = (node: KubeObject, type: string): string => textAt(listAt(node, 'status', 'addresses').find((each) => each['type'] === type), 'address') || NONE;
const info = (name: string): ((node: KubeObject) => string) => (node) => textAt(node, 'status', 'nodeInfo', name) || '<unknown>';

export const nodeRules: KindRules = {
  defaults: (node) => ({ ...node, status: fill(objectAt(node, 'status'), Object.keys(objectAt(node, 'status', 'capacity')).length > 0 ? { allocatable: objectAt(node, 'status', 'capacity') } : {}) }),
  columns: [
    NAME,
    column('Status', 'Whether it takes pods', statusText),
    column('Roles', 'What it is for', (node) => Object.entries(objectAt(node, 'metadata', 'labels')).flatMap(([key, value]) => (key.startsWith(ROLE) && key !== ROLE ? [key.slice(ROLE.length)] : key === 'kubernetes.io/role' && value !== '' ? [value] : [])).sort().join(',') || NONE),
    AGE,
    column('Version', 'Of its agent', (node) => textAt(node, 'status', 'nodeInfo', 'kubeletVersion')),
    wide(column('Internal-IP', 'Its address in the cluster', (node) => address(node, 'InternalIP'))),
    wide(column('External-IP', 'Its address outside', (node) => address(node, 'ExternalIP'))),
    wide(column('OS-Image', 'What it runs', info('osImage'))),
    wide(column('Kernel-Version', 'Its kernel', info('kernelVersion'))),
    wide(column('Container-Runtime', 'What runs its containers', info('containerRuntimeVersion'))),
  ],
};

function statusText(node: KubeObject): string {
  const ready = listAt(node, 'status', 'conditions').find((each) => each['type'] === 'Ready');
  const status = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : ready['status'] === 'False' ? 'NotReady' : 'Unknown';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}
