import { integer, list, map, nullable, struct, text, type Decoded } from '../decode.ts';

/** `EndpointSettings` of the API: the first half is asked for, the second tells how it came out. */
export const ENDPOINT = struct('network.EndpointSettings', {
  IPAMConfig: nullable(struct('network.EndpointIPAMConfig', { IPv4Address: text, IPv6Address: text, LinkLocalIPs: list(text) })),
  Links: list(text),
  Aliases: list(text),
  MacAddress: text,
  DriverOpts: map(text),
  GwPriority: integer('int'),
  NetworkID: text,
  EndpointID: text,
  Gateway: text,
  IPAddress: text,
  IPPrefixLen: integer('int'),
  IPv6Gateway: text,
  GlobalIPv6Address: text,
  GlobalIPv6PrefixLen: integer('int'),
  DNSNames: list(text),
});

export type EndpointSettings = Decoded<typeof ENDPOINT>;
