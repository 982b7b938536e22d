import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { lowerNetwork, lowerVolume, networkHash, volumeHash } from '../lower/lower-resource.ts';
import type { Project } from '../model/project.ts';
import { label } from '../value/labels.ts';
import type { Observation, ObservedContainer } from './observe.ts';
import type { PlanBuilder } from './plan.ts';

/** Steps that make what containers stand on. */
export interface PlannedResources {
  /** Steps by the names of networks and volumes; nothing for those that are there. */
  readonly steps: ReadonlyMap<string, number>;
  /** Containers that had to make way for a network that changed. */
  readonly evicted: ReadonlySet<string>;
}

/** Removes a container from the daemon, and answers with the step. */
export type Evict = (container: ObservedContainer, cause: string) => number;

export function planResources(builder: PlanBuilder, project: Project, observed: Observation, hasher: Hasher, evict: Evict): PlannedResources {
  const steps = new Map<string, number>();
  const evicted = new Set<string>();
  for (const [key, network] of project.networks) {
    const name = network.name ?? key;
    const present = observed.networks.get(name);
    if (network.external === true) {
      if (present === undefined && !['host', 'none', 'bridge'].includes(name)) throw missing('network', name, key);
      continue;
    }
    if (present === undefined) {
      steps.set(name, builder.add({ kind: 'create-network', name, request: lowerNetwork(project.name, key, network, hasher) }, 'there is no such network'));
      continue;
    }
    const hash = present.labels.get(label.hash);
    if (present.labels.get(label.network) === undefined) builder.warn(`a network with name ${name} exists but was not created by compose. Set \`external: true\` to use an existing network`);
    if (hash === undefined || hash === networkHash(network, hasher)) continue;
    const cause = `the configuration of network ${name} changed`;
    const gone = observed.containers.filter((container) => container.networks.includes(name)).map((container) => {
      evicted.add(container.id);
      return evict(container, cause);
    });
    const removed = builder.add({ kind: 'remove-network', name }, cause, gone);
    steps.set(name, builder.add({ kind: 'create-network', name, request: lowerNetwork(project.name, key, network, hasher) }, cause, [removed]));
  }
  for (const [key, volume] of project.volumes) {
    const name = volume.name ?? key;
    const present = observed.volumes.get(name);
    if (volume.external === true) {
      if (present === undefined) throw missing('volume', name, key);
    } else if (present === undefined) {
      steps.set(name, builder.add({ kind: 'create-volume', name, request: lowerVolume(project.name, key, volume, hasher) }, 'there is no such volume'));
    } else if (present.labels.get(label.project) === undefined) {
      builder.warn(`volume "${name}" already exists but was not created by compose. Use \`external: true\` to use an existing volume`);
    } else if (present.labels.get(label.hash) !== undefined && present.labels.get(label.hash) !== volumeHash(volume, hasher)) {
      // Its data would be lost: nobody asked for that.
      builder.warn(`volume "${name}" exists but doesn't match its configuration in the compose file; it is used as it is. Remove it to have it made anew`);
    }
  }
  return { steps, evicted };
}

function missing(kind: 'network' | 'volume', name: string, key: string): GantryError {
  return new GantryError('not-found', `${kind} ${name} declared as external, but could not be found`, { subject: `${kind} ${key}`, hint: `create it: gantry ${kind} create ${name}; or remove external: true` });
}
