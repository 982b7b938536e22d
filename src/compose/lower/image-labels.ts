import type { Project } from '../model/project.ts';
import type { Build } from '../model/service-kind.ts';
import { COMPOSE_VERSION, label } from '../value/labels.ts';

/** Labels of an image that is built for a service: its own, and those by which docker compose and we know whose it is; these win. */
export function imageLabels(project: Project, service: string, build: Build): ReadonlyMap<string, string> {
  return new Map([...build.labels ?? [], [label.project, project.name], [label.service, service], [label.version, COMPOSE_VERSION]]);
}
