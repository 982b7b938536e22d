import { GantryError, isKind } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import { shortId } from '#container/model/ids.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { Link } from '#container/model/sandbox.ts';

/** A link of the default network, where names are not served: it is told at the start, and stays as it was then. */
export interface LinkedContainer {
  readonly alias: string;
  readonly container: Container;
}

function linksOf(spec: ContainerSpec): readonly Link[] {
  return spec.sandbox.endpoints.find(({ network }) => network === 'bridge')?.links ?? [];
}

/** Those that are still there. */
function presentLinks(spec: ContainerSpec, find: (reference: string) => Container): readonly LinkedContainer[] {
  return linksOf(spec).flatMap(({ container, alias }) => {
    try {
      return [{ alias, container: find(container) }];
    } catch (thrown) {
      if (isKind(thrown, 'not-found')) return [];
      throw thrown;
    }
  });
}

/** Variables of a further program: what the container is linked to may have ended since its start. */
export function presentLinkEnv(spec: ContainerSpec, find: (reference: string) => Container): string[] {
  return linkEnv(spec, presentLinks(spec, find).filter(({ container }) => addressOf(container) !== undefined));
}

/** @throws GantryError invalid, in Docker's words, where a linked container doesn't run in the default network */
export function linkedContainers(spec: ContainerSpec, find: (reference: string) => Container): readonly LinkedContainer[] {
  return linksOf(spec).map(({ container: reference, alias }) => {
    const container = find(reference);
    const { name } = container.spec;
    if (!isLive(container.state.phase)) throw new GantryError('invalid', `Cannot link to a non running container: /${name} AS /${spec.name}/${alias}`, { hint: `start ${name} first` });
    if (addressOf(container) === undefined) throw new GantryError('internal', `container ${container.spec.id} not attached to default bridge network`, { subject: `container ${name}` });
    return { alias, container };
  });
}

/** A container without one of its links, or undefined where it has none of that alias. */
export function withoutLink(spec: ContainerSpec, alias: string): ContainerSpec | undefined {
  if (!linksOf(spec).some((link) => link.alias === alias)) return undefined;
  const endpoints = spec.sandbox.endpoints.map((endpoint) => endpoint.network === 'bridge' ? { ...endpoint, links: endpoint.links.filter((link) => link.alias !== alias) } : endpoint);
  return { ...spec, sandbox: { ...spec.sandbox, endpoints } };
}

/** /etc/hosts without the line of a link: that whose first name is the alias. */
export function withoutLinkHost(hosts: string, alias: string): string {
  return hosts.split('\n').filter((line) => line.split(/[\t ]+/)[1] !== alias).join('\n');
}

/** Lines of /etc/hosts. */
export function linkHosts(links: readonly LinkedContainer[]): string[] {
  return links.map(({ alias, container }) => {
    const names = new Set([alias, container.spec.sandbox.hostname, shortId(container.spec.id), container.spec.name]);
    return `${addressOf(container) ?? ''}\t${[...names].join(' ')}`;
  });
}

/** Variables of the container that links, as Docker has them since before there were networks (docs, "Legacy container links"). */
export function linkEnv(spec: ContainerSpec, links: readonly LinkedContainer[]): string[] {
  return links.flatMap(({ alias, container }) => {
    const prefix = alias.toUpperCase().replaceAll('-', '_');
    const address = addressOf(container) ?? '';
    const ports = container.spec.sandbox.exposed.toSorted((a, b) => a.port - b.port);
    const [first] = ports;
    return [
      ...(first === undefined ? [] : [`${prefix}_PORT=${first.protocol}://${address}:${first.port}`]),
      ...ports.flatMap(({ port, protocol }) => {
        const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
        return [`${name}=${protocol}://${address}:${port}`, `${name}_ADDR=${address}`, `${name}_PORT=${port}`, `${name}_PROTO=${protocol}`];
      }),
      `${prefix}_NAME=/${spec.name}/${alias}`,
      ...container.spec.process.env.filter((entry) => !/^(HOME|PATH|HOSTNAME|TERM)=/.test(entry)).map((entry) => `${prefix}_ENV_${entry}`),
    ];
  });
}

function addressOf({ state }: Container): string | undefined {
  return state.endpoints.find(({ network }) => network === 'bridge')?.ipv4?.address;
}
