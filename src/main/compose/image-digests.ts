import { GantryError } from '#base/error.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import type { Project } from '#compose/model/project.ts';
import type { Service } from '#compose/model/service-kind.ts';

interface Distribution { readonly Descriptor: { readonly digest: string } }

/** The project with each image pinned to the digest that its registry has for it now. */
export async function withDigests(project: Project, client: ApiClient): Promise<Project> {
  const services = await Promise.all([...project.services].map(async ([name, service]): Promise<[string, Service]> => {
    const { image = '' } = service;
    if (image === '' || image.includes('@')) return [name, service];
    try {
      const { Descriptor } = await client.json<Distribution>('GET', `/distribution/${image}/json`);
      return [name, { ...service, image: `${image}@${Descriptor.digest}` }];
    } catch (cause) {
      throw new GantryError('unavailable', `can't find the digest of ${image}: ${cause instanceof Error ? cause.message : String(cause)}`, { subject: `service ${name}`, cause });
    }
  }));
  return { ...project, services: new Map(services) };
}
