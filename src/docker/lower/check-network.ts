import type { Config } from '../wire/config.ts';
import type { EndpointSettings } from '../wire/endpoint.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { endpointFaults } from './endpoints.ts';
import { invalid } from './invalid.ts';

const isFull = (value: object | null | undefined): boolean => value !== null && value !== undefined && Object.keys(value).length > 0;

/** Options that make no sense for a container in another one's network. */
export function checkNetworkMode(config: Config, host: HostConfig): void {
  const mode = host.NetworkMode;
  if (mode === 'container' || mode.startsWith('container:')) {
    if (mode.slice('container:'.length) === '') throw invalid('invalid network mode: invalid container format container:<name|id>');
    if (config.Hostname !== '') throw invalid('conflicting options: hostname and the network mode');
    if (isFull(host.Links)) throw invalid("conflicting options: container type network can't be used with links. This would result in undefined behavior");
    if (isFull(host.Dns)) throw invalid('conflicting options: dns and the network mode');
    if (isFull(host.ExtraHosts)) throw invalid('conflicting options: custom host-to-IP mapping and the network mode');
    if (isFull(host.PortBindings) || host.PublishAllPorts) throw invalid('conflicting options: port publishing and the container type network mode');
    if (isFull(config.ExposedPorts)) throw invalid('conflicting options: port exposing and the container type network mode');
  }
  if (host.UTSMode === 'host' && config.Hostname !== '') throw invalid('conflicting options: hostname and the UTS mode');
  if (mode === 'host' && isFull(host.Links)) throw invalid("conflicting options: host type networking can't be used with links. This would result in undefined behavior");
  if (!['', 'default', 'process'].includes(host.Isolation.toLowerCase()) || host.Isolation.toLowerCase() === 'process') {
    throw invalid(`invalid isolation (${host.Isolation}): linux only supports 'default'`);
  }
  if (host.IOMaximumBandwidth !== 0) throw invalid('invalid option: QoS maximum bandwidth configuration is not supported on linux');
  if (host.IOMaximumIOps !== 0) throw invalid('invalid option: QoS maximum IOPs configuration is not supported on linux');
}

export const isBuiltIn = (network: string): boolean => ['bridge', 'host', 'none', 'default'].includes(network);

/** @param intro what the faults are told after */
export function checkEndpoint(network: string, endpoint: EndpointSettings, intro: string): void {
  const faults = endpointFaults(endpoint);
  const addresses = endpoint.IPAMConfig;
  if (isBuiltIn(network) && addresses !== null && (addresses.IPv4Address !== '' || addresses.IPv6Address !== '')) {
    faults.push('user specified IP address is supported on user defined networks only');
  }
  if (isBuiltIn(network) && (endpoint.Aliases?.length ?? 0) > 0) faults.push('network-scoped alias is supported only for containers in user defined networks');
  if (faults.length > 0) throw invalid(`${intro}invalid endpoint settings:\n${faults.length === 1 ? faults[0] ?? '' : faults.map((fault) => `* ${fault}`).join('\n')}`);
  const mac = endpoint.MacAddress;
  if (mac !== '' && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(mac)) throw invalid(`${intro}invalid MAC address ${mac}`);
}

/** The networks of the request; `main` is the one of NetworkMode. */
export function checkEndpoints(endpoints: Readonly<Record<string, EndpointSettings | null>>, main: string): void {
  for (const [network, endpoint] of Object.entries(endpoints)) {
    if (endpoint === null) throw invalid(`invalid config for network ${network}: EndpointsConfig is nil`);
    checkEndpoint(network, endpoint, `invalid config for network ${network}: `);
  }
  const further = Object.keys(endpoints).filter((network) => network !== main);
  if (further.length === 0) return;
  if (main === 'host' || further.includes('host')) throw invalid('cannot connect container to host network - container must be created in host network mode');
  if (main === 'none' || further.includes('none')) throw invalid('container cannot be connected to multiple networks with one of the networks in private (none) mode');
}
