import { scaleOf, type Project } from '../model/project.ts';
import type { Service } from '../model/service-kind.ts';
import type { Findings } from './findings.ts';

/** Services that become the containers of one pod. The first one owns the pod, and its name. */
export interface PodGroup {
  readonly name: string;
  readonly owner: Service;
  readonly members: readonly (readonly [name: string, service: Service])[];
}

const sharedWith = (mode: string | undefined): string | undefined => (mode?.startsWith('service:') === true ? mode.slice('service:'.length) : undefined);

/** The services that have containers, each with those that share its network. In the order of their names. */
export function podGroups(project: Project, findings: Findings): PodGroup[] {
  const running = [...project.services].filter(([, service]) => scaleOf(service) > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const ownerOf = (name: string): string => {
    const seen = new Set<string>();
    let owner = name;
    for (let next = sharedWith(project.services.get(owner)?.network_mode); next !== undefined && !seen.has(owner); next = sharedWith(project.services.get(owner)?.network_mode)) {
      seen.add(owner);
      owner = next;
    }
    return owner;
  };
  const groups = running.filter(([name]) => ownerOf(name) === name).map(([name, owner]) => ({ name, owner, members: running.filter(([other]) => ownerOf(other) === name).toSorted(([a], [b]) => Number(b === name) - Number(a === name)) }));
  for (const { name, owner, members } of groups) for (const [other, service] of members) checkMember(name, owner, other, service, ownerOf, findings);
  for (const [name] of running) {
    if (!groups.some(({ members }) => members.some(([member]) => member === name))) findings.refuse(`services.${name}.network_mode`, `service ${ownerOf(name)}, whose network it shares, has no container`, 'give that one a scale above 0');
  }
  return groups;
}

function checkMember(group: string, owner: Service, name: string, service: Service, ownerOf: (name: string) => string, findings: Findings): void {
  for (const key of ['ipc', 'pid'] as const) {
    const other = sharedWith(service[key]);
    if (other !== undefined && ownerOf(other) !== group) findings.refuse(`services.${name}.${key}`, 'containers share a namespace within a pod only', `make them one pod: network_mode: service:${other}`);
  }
  if (name === group) return;
  if (scaleOf(service) !== scaleOf(owner)) findings.refuse(`services.${name}.scale`, `it shares the pod of ${group}, of which there are ${scaleOf(owner)}`, 'give both the same number');
  if ((service.deploy?.mode ?? '') !== (owner.deploy?.mode ?? '')) findings.refuse(`services.${name}.deploy.mode`, `it shares the pod of ${group}`, 'give both the same mode');
}
