import type { Container } from './container.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { ContainerState } from './container-state.ts';
import type { Endpoint, EndpointRequest, SandboxSpec } from './sandbox.ts';

/** A row of before a sandbox could stand in several networks. */
interface OldEndpoint {
  readonly network: string;
  readonly interfaceName: string;
  readonly hostLink: string;
  readonly macAddress: string;
  readonly ipv4: string;
  readonly ipv4PrefixLength: number;
  readonly ipv4Gateway: string;
  readonly ipv6?: string;
  readonly ipv6PrefixLength?: number;
  readonly ipv6Gateway?: string;
}

type OldSandbox = Omit<SandboxSpec, 'endpoints'> & { readonly endpoints?: readonly EndpointRequest[]; readonly macAddress?: string };
type OldState = Omit<ContainerState, 'endpoints'> & { readonly endpoints?: readonly Endpoint[]; readonly endpoint?: OldEndpoint };

/** A stored row as this version has it, whichever wrote it. */
export function readContainer(json: string): Container {
  const { spec, state } = JSON.parse(json) as { spec: Omit<ContainerSpec, 'sandbox'> & { readonly sandbox: OldSandbox }; state: OldState };
  return { spec: { ...spec, sandbox: readSandbox(spec.sandbox) }, state: readState(state, spec.id) };
}

function readSandbox(old: OldSandbox): SandboxSpec {
  const { endpoints, macAddress, ...sandbox } = old;
  if (endpoints !== undefined) return { ...sandbox, endpoints };
  if (sandbox.network.kind !== 'network') return { ...sandbox, endpoints: [] };
  return { ...sandbox, endpoints: [{ ...plainEndpoint(sandbox.network.name), ...(macAddress === undefined ? {} : { macAddress }) }] };
}

/** A request that asks for nothing but to be in the network. */
export function plainEndpoint(network: string): EndpointRequest {
  return { network, aliases: [], links: [], linkLocal: [], gatewayPriority: 0, sysctls: [] };
}

function readState(old: OldState, id: string): ContainerState {
  const { endpoint, endpoints, ...state } = old;
  if (endpoints !== undefined) return { ...state, endpoints };
  return { ...state, endpoints: endpoint === undefined ? [] : [readEndpoint(endpoint, id)] };
}

function readEndpoint(old: OldEndpoint, id: string): Endpoint {
  const { network, interfaceName, hostLink, macAddress } = old;
  return {
    id: id.slice(32) + id.slice(0, 32), network, interfaceName, hostLink, macAddress, gatewayPriority: 0,
    ipv4: { address: old.ipv4, prefixLength: old.ipv4PrefixLength, gateway: old.ipv4Gateway },
    ...(old.ipv6 === undefined ? {} : {
      ipv6: { address: old.ipv6, prefixLength: old.ipv6PrefixLength ?? 64, ...(old.ipv6Gateway === undefined ? {} : { gateway: old.ipv6Gateway }) },
    }),
  };
}
