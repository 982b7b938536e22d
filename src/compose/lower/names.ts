import type { Project } from '../model/project.ts';
import type { Service } from '../model/service-kind.ts';

/** What stands between the parts of a container's name: a hyphen, or with --compatibility an underscore. */
export type Separator = '-' | '_';

export function containerName(project: string, service: string, config: Service, number: number, separator: Separator = '-'): string {
  const own = config.container_name ?? '';
  return own !== '' ? own : [project, service, number].join(separator);
}

/** The image that a service runs: its own, or the one that is built for it. */
export function imageName(project: Project, service: string, config: Service): string {
  const own = config.image ?? '';
  return own !== '' ? own : `${project.name}-${service}`;
}
