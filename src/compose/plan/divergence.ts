import { imageName } from '../lower/names.ts';
import type { Project } from '../model/project.ts';
import type { Service } from '../model/service-kind.ts';
import { label } from '../value/labels.ts';
import type { Observation, ObservedContainer } from './observe.ts';

/** Why a container no longer fits its service; undefined when it does. */
export function divergence(project: Project, name: string, config: Service, hash: string, container: ObservedContainer, observed: Observation): string | undefined {
  if (container.labels.get(label.hash) !== hash) return 'its configuration changed';
  const image = observed.images.get(imageName(project, name, config));
  const made = container.labels.get(label.image);
  if (image !== undefined && made !== undefined && made !== image) return 'there is a newer image';
  const networks = (config.network_mode ?? '') === '' ? [...(config.networks ?? new Map()).keys()].map((key) => project.networks.get(key)?.name ?? key) : [];
  // A container that does not run may not say where it is connected.
  const missing = container.state === 'running' ? networks.find((network) => !container.networks.includes(network)) : undefined;
  if (missing !== undefined) return `it is not connected to ${missing}`;
  const volumes = (config.volumes ?? []).filter(({ type, source = '' }) => type === 'volume' && source !== '');
  const unmounted = volumes.find(({ source = '', target }) => {
    const mounted = container.volumes.find((volume) => volume.target === target);
    return mounted !== undefined && mounted.name !== (project.volumes.get(source)?.name ?? source);
  });
  return unmounted === undefined ? undefined : `another volume is mounted at ${unmounted.target}`;
}

/** Services of whose containers a service's own are a part: they can't outlive them. */
export function sharedServices(config: Service): string[] {
  const modes = [config.network_mode, config.ipc, config.pid].flatMap((mode) => (mode?.startsWith('service:') === true ? [mode.slice('service:'.length)] : []));
  const volumes = (config.volumes_from ?? []).filter((from) => !from.startsWith('container:')).map((from) => from.split(':')[0] as string);
  return [...new Set([...modes, ...volumes, ...(config.links ?? []).map((link) => link.split(':')[0] as string)])];
}
