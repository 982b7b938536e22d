import type { Json } from '#base/json.ts';
import { isObject, map, nullable, struct } from '../decode.ts';
import { GantryError } from '#base/error.ts';
import { CONFIG, type Config } from './config.ts';
import { ENDPOINT, type EndpointSettings } from './endpoint.ts';
import { HOST_CONFIG, type HostConfig } from './host-config.ts';

const PARTS = struct('container.CreateRequest', {
  HostConfig: nullable(HOST_CONFIG),
  NetworkingConfig: nullable(struct('network.NetworkingConfig', { EndpointsConfig: map(nullable(ENDPOINT), 'map[string]*network.EndpointSettings') })),
});

/** Body of `POST /containers/create`: Config flat, with the two further parts beside its fields. */
export interface CreateBody {
  readonly config: Config;
  readonly hostConfig: HostConfig;
  readonly endpoints: Readonly<Record<string, EndpointSettings | null>>;
}

const NO_CONFIG = 'config cannot be empty in order to create a container';

export function decodeCreateBody(json: Json): CreateBody {
  const parts = PARTS.decode(json, '');
  if (!isObject(json) || Object.keys(json).length === 0) throw new GantryError('invalid', NO_CONFIG);
  return {
    config: CONFIG.decode(json, ''),
    hostConfig: parts.HostConfig ?? HOST_CONFIG.zero(),
    endpoints: parts.NetworkingConfig?.EndpointsConfig ?? (Object.create(null) as Record<string, EndpointSettings>),
  };
}
