import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';

type PortMap = Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>;

const hasPorts = ({ spec, state }: Container): boolean => isLive(state.phase) && spec.sandbox.network.kind === 'network';

/** `NetworkSettings.Ports`: published ports with their bindings, exposed ones with null. */
export function renderPortMap(container: Container): PortMap {
  const ports: PortMap = {};
  if (!hasPorts(container)) return ports;
  for (const { port, protocol } of container.spec.sandbox.exposed) ports[`${port}/${protocol}`] = null;
  for (const { containerPort, protocol, hostAddress, hostPort } of container.state.published) {
    const key = `${containerPort}/${protocol}`;
    ports[key] = [...(ports[key] ?? []), { HostIp: hostAddress, HostPort: String(hostPort) }];
  }
  return ports;
}

/** `Ports` of a list. */
export function renderPortList(container: Container) {
  if (!hasPorts(container)) return [];
  const { published } = container.state;
  const isPublished = (port: number, protocol: string): boolean => published.some((one) => one.containerPort === port && one.protocol === protocol);
  const exposed = container.spec.sandbox.exposed.filter(({ port, protocol }) => !isPublished(port, protocol));
  return [
    ...published.map(({ hostAddress, containerPort, hostPort, protocol }) => ({ IP: hostAddress, PrivatePort: containerPort, PublicPort: hostPort, Type: protocol as string })),
    ...exposed.map(({ port, protocol }) => ({ PrivatePort: port, Type: protocol as string })),
  ];
}
