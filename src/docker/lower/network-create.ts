import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { subnetFaults } from '#container/engine/network-plan.ts';
import type { NetworkRequest, SubnetRequest } from '#container/engine/port.ts';
import { isPredefined } from '#container/model/network.ts';
import type { NetworkCreate } from '../wire/network.ts';
import { lowerBridgeOptions, lowerMtu, type DriverOptions } from './bridge-options.ts';
import { invalid } from './invalid.ts';

type AskedSubnet = NonNullable<NonNullable<NetworkCreate['IPAM']>['Config']>[number];

/**
 * A create request of the API as one to the engine, with Docker's refusals in Docker's order.
 * @param configurationOf the request that a configuration network was made by
 */
export function lowerNetworkCreate(asked: NetworkCreate, configurationOf: (name: string) => NetworkCreate | undefined): NetworkRequest {
  checkName(asked);
  checkConfiguration(asked);
  if (asked.ConfigOnly) return { name: asked.Name, driver: 'null', internal: false, isConfiguration: true, labels: asked.Labels ?? {}, options: asked.Options ?? {}, front: { attachable: false, ipam: asked.IPAM as unknown as Json, asked: asked as unknown as Json } };
  const from = asked.ConfigFrom?.Network ?? '';
  return from === '' ? lowerNetwork(asked) : { ...lowerNetwork(configuredBy(asked, from, configurationOf(from))), configuredBy: from };
}

function checkName({ Name: name, Scope, Ingress }: NetworkCreate): void {
  if (name === '') throw invalid('invalid name: name is empty');
  if (isPredefined({ name }) || name === 'default') throw new GantryError('forbidden', `operation is not permitted on predefined ${name} network `);
  if (Scope === 'swarm') throw new GantryError('forbidden', 'cannot create a swarm scoped network when swarm is not active');
  if (Ingress) throw new GantryError('forbidden', 'cannot create an ingress network when swarm is not active');
}

/** A configuration says what a network is, not what it is for; and who takes one over says none of that. */
function checkConfiguration({ ConfigOnly, ConfigFrom, Internal, Attachable, Ingress, Scope, EnableIPv4, EnableIPv6, Labels, Options, IPAM }: NetworkCreate): void {
  const isFilled = (map: Readonly<Record<string, unknown>> | null | undefined): boolean => Object.keys(map ?? {}).length > 0;
  if (ConfigOnly && (Internal || Attachable || Ingress || Scope !== '')) throw new GantryError('forbidden', 'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.');
  if ((ConfigFrom?.Network ?? '') === '') return;
  if (ConfigOnly) throw new GantryError('forbidden', 'a configuration network cannot depend on another configuration network');
  if (EnableIPv4 === false || EnableIPv6 === true || isFilled(Labels) || !['', 'default'].includes(IPAM?.Driver ?? '') || isFilled(IPAM?.Options) || (IPAM?.Config ?? []).length > 0) {
    throw new GantryError('forbidden', 'user specified configurations are not supported if the network depends on a configuration network');
  }
  if (isFilled(Options)) throw new GantryError('forbidden', 'network driver options are not supported if the network depends on a configuration network');
}

function configuredBy(asked: NetworkCreate, name: string, configuration: NetworkCreate | undefined): NetworkCreate {
  if (configuration === undefined) throw new GantryError('not-found', `configuration network ${JSON.stringify(name)} does not exist`, { hint: 'make it with docker network create --config-only' });
  const { EnableIPv4, EnableIPv6, IPAM, Options, Labels } = configuration;
  return { ...asked, EnableIPv4, EnableIPv6, IPAM, Options, Labels };
}

function lowerNetwork(body: NetworkCreate): NetworkRequest {
  const { Name: name, Driver, Options, Labels, Internal: internal, IPAM } = body;
  const driver = driverOf(Driver);
  checkIpam(IPAM?.Driver ?? '');
  const subnets = lowerSubnets(IPAM?.Config ?? [], driver);
  const options = Options ?? {};
  const hasIpv4 = body.EnableIPv4 ?? true;
  // Who chooses addresses gets those alone: what keeps networks as they are described (Terraform) would make one with others anew each time.
  const hasIpv6 = body.EnableIPv6 ?? (subnets.ipv4 === undefined || subnets.ipv6 !== undefined);
  if (!hasIpv4 && !(body.EnableIPv6 ?? false)) throw invalid('IPv4 or IPv6 must be enabled');
  return {
    name, driver, internal, labels: Labels ?? {}, options,
    ...(hasIpv4 ? { ipv4: subnets.ipv4 ?? {} } : {}), ...(hasIpv6 ? { ipv6: subnets.ipv6 ?? {} } : {}),
    ...(subnets.further.length > 0 ? { further: subnets.further } : {}),
    ...lowerOptions(driver, name, options, internal),
    front: { attachable: body.Attachable, ipam: IPAM as unknown as Json },
  };
}

type Driver = 'bridge' | 'macvlan' | 'ipvlan';

function driverOf(driver: string): Driver {
  switch (driver) {
    case '':
    case 'default':
    case 'bridge': return 'bridge';
    case 'macvlan':
    case 'ipvlan': return driver;
    case 'host':
    case 'null': throw new GantryError('forbidden', `only one instance of "${driver}" network is allowed`);
    case 'overlay': throw new GantryError('forbidden', 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.');
    default: throw new GantryError('not-found', `plugin ${JSON.stringify(driver)} not found`);
  }
}

/** Addresses are managed here, whoever would do it elsewhere. */
function checkIpam(driver: string): void {
  if (driver === 'null') throw invalid('ipv4 pool is empty');
  if (driver !== '' && driver !== 'default') throw new GantryError('not-found', `plugin ${JSON.stringify(driver)} not found`);
}

function lowerSubnets(asked: readonly AskedSubnet[], driver: Driver): { ipv4?: SubnetRequest; ipv6?: SubnetRequest; further: readonly SubnetRequest[] } {
  const requests = asked.map(lowerSubnet);
  const faults = requests.flatMap(subnetFaults);
  if (faults.length > 0) throw invalid(`invalid network config:\n${faults.join('\n')}`);
  const ofFamily = (is6: boolean): SubnetRequest | undefined => requests.find(({ cidr }) => (cidr ?? '').includes(':') === is6);
  const [ipv4, ipv6] = [ofFamily(false), ofFamily(true)];
  const further = requests.filter((request) => request !== ipv4 && request !== ipv6);
  if (further.length > 0 && driver === 'bridge') throw new GantryError('forbidden', 'bridge driver doesn\'t support multiple subnets');
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }), further };
}

function lowerSubnet({ Subnet, Gateway, IPRange, AuxiliaryAddresses }: AskedSubnet): SubnetRequest {
  return {
    cidr: Subnet,
    ...(Gateway === '' ? {} : { gateway: Gateway }),
    ...(IPRange === '' ? {} : { range: IPRange }),
    ...(AuxiliaryAddresses === null || Object.keys(AuxiliaryAddresses).length === 0 ? {} : { reserved: AuxiliaryAddresses }),
  };
}

function lowerOptions(driver: Driver, name: string, options: DriverOptions, internal: boolean): Partial<NetworkRequest> {
  if (driver === 'bridge') return lowerBridgeOptions(options, internal);
  const mtu = lowerMtu(options);
  return { ...(driver === 'macvlan' ? lowerMacvlan(name, options) : lowerIpvlan(name, options)), ...(mtu === undefined ? {} : { mtu }) };
}

function lowerMacvlan(name: string, options: DriverOptions): Pick<NetworkRequest, 'macvlan'> {
  const mode = options['macvlan_mode'] ?? 'bridge';
  if (mode !== 'bridge' && mode !== 'private' && mode !== 'vepa' && mode !== 'passthru') throw invalid(`requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan driver default`);
  return { macvlan: { parent: parentOf('macvlan', name, options), mode } };
}

function lowerIpvlan(name: string, options: DriverOptions): Pick<NetworkRequest, 'ipvlan'> {
  const mode = options['ipvlan_mode'] || 'l2';
  if (mode !== 'l2' && mode !== 'l3' && mode !== 'l3s') throw invalid(`requested ipvlan mode '${mode}' is not valid, 'l2' mode is the ipvlan driver default`);
  const flag = options['ipvlan_flag'] || 'bridge';
  if (flag !== 'bridge' && flag !== 'private' && flag !== 'vepa') throw invalid(`requested ipvlan flag '${flag}' is not valid, 'bridge' is the ipvlan driver default`);
  return { ipvlan: { parent: parentOf('ipvlan', name, options), mode, flag } };
}

function parentOf(driver: Driver, name: string, { parent = '' }: DriverOptions): string {
  if (parent === '') throw invalid(`network ${name} of driver ${driver} needs a link of the host below it: give -o parent=LINK`);
  return parent;
}
