import { providedServices } from '../model/provided.ts';
import { dependenciesOf, type Project } from '../model/project.ts';
import { PlanBuilder, type Plan } from './plan.ts';

/** The services that providers run. What those say is known before the containers are planned: it is in their configuration. */
export function planProviders(project: Project): Plan {
  const builder = new PlanBuilder();
  const steps = new Map<string, number>();
  for (const service of providedServices(project)) {
    const { provider, ...config } = project.services.get(service) ?? {};
    const after = [...dependenciesOf(config).keys()].flatMap((other) => steps.get(other) ?? []);
    steps.set(service, builder.add({ kind: 'provide-service', service, provider: provider?.type ?? '' }, 'a provider runs it', after));
  }
  return builder.build();
}
