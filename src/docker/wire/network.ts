import { bool, list, map, nullable, struct, text, type Decoded } from '../decode.ts';
import { ENDPOINT } from './endpoint.ts';

/** Body of `POST /networks/create`. */
export const NETWORK_CREATE = struct('network.CreateRequest', {
  Name: text,
  Driver: text,
  Scope: text,
  EnableIPv4: nullable(bool),
  EnableIPv6: nullable(bool),
  IPAM: nullable(struct('network.IPAM', {
    Driver: text,
    Options: map(text),
    Config: list(struct('network.IPAMConfig', { Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: map(text) })),
  })),
  Internal: bool,
  Attachable: bool,
  Ingress: bool,
  ConfigOnly: bool,
  ConfigFrom: nullable(struct('network.ConfigReference', { Network: text })),
  Options: map(text),
  Labels: map(text),
});

export type NetworkCreate = Decoded<typeof NETWORK_CREATE>;

/** Body of `POST /networks/{id}/connect`. */
export const NETWORK_CONNECT = struct('network.ConnectOptions', { Container: text, EndpointConfig: nullable(ENDPOINT) });

/** Body of `POST /networks/{id}/disconnect`. */
export const NETWORK_DISCONNECT = struct('network.DisconnectOptions', { Container: text, Force: bool });
