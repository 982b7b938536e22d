import type { Hasher } from '#base/hasher.ts';
import { writeJson } from '../yaml/write-json.ts';
import { serviceJson } from './project.ts';
import type { Service } from './service-kind.ts';

/**
 * The fingerprint by which docker compose knows whether a container still fits its service: what only decides how
 * it is built, pulled, ordered or counted is not part of it.
 */
export function serviceHash(service: Service, hasher: Hasher): string {
  const { build: _build, pull_policy: _policy, scale: _scale, depends_on: _order, profiles: _profiles, ...rest } = service;
  const hashed: Service = rest.deploy === undefined ? rest : { ...rest, deploy: withoutReplicas(rest.deploy) };
  return hasher.sha256(new TextEncoder().encode(writeJson(serviceJson(hashed))));
}

function withoutReplicas({ replicas: _replicas, ...deploy }: NonNullable<Service['deploy']>): NonNullable<Service['deploy']> {
  return deploy;
}
