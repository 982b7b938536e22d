import type { JsonObject } from '#base/json.ts';
import { compareText } from '../value/go-text.ts';
import { labelsOf, metadataOf, type Conversion } from './conversion.ts';
import type { Manifest } from './manifest.ts';
import { isServiceName } from './names.ts';
import type { PodGroup } from './pod-group.ts';

type Port = NonNullable<NonNullable<PodGroup['owner']['ports']>[number]>;

/**
 * The names of a service, and what it publishes. A name leads to the pods themselves, as it does to containers:
 * every port can be reached, said or not.
 */
export function serviceObjects(conversion: Conversion, group: PodGroup): Manifest[] {
  const { name, owner } = group;
  const path = `services.${name}`;
  if (!isServiceName(name)) conversion.findings.refuse(path, `${name} is no name that a cluster can look up`, 'use at most 63 lower-case letters, digits and hyphens, a letter first');
  const names = owner.network_mode === 'host' ? [] : [name, ...aliasesOf(conversion, group)];
  const objects = names.map((own) => headless(conversion, name, own, own === name ? path : `${path} (alias ${own})`));
  const published = (owner.ports ?? []).filter(({ mode }) => mode !== 'host');
  const isLocal = ({ host_ip = '' }: Port): boolean => /^(127\.|::1$|\[::1\]$)/.test(host_ip);
  const local = published.filter(isLocal);
  const open = published.filter((port) => !isLocal(port));
  for (const { host_ip = '' } of open) if (host_ip !== '' && host_ip !== '0.0.0.0' && host_ip !== '::') conversion.findings.warn(`${path}.ports`, `the address ${host_ip} is of this machine: the port is published by all of the balancer's`);
  if (local.length > 0) conversion.findings.warn(`${path}.ports`, `what is published on this machine alone is published within the cluster alone, by ${name}-local: kubectl -n ${conversion.namespace} port-forward service/${name}-local leads there`);
  return [...objects, ...publishing(conversion, group, `${name}-published`, 'LoadBalancer', open), ...publishing(conversion, group, `${name}-local`, 'ClusterIP', local)];
}

/** Other names of the service: those of its networks, those by which links know it, and the name of its only container. */
function aliasesOf({ project, findings }: Conversion, { name, owner }: PodGroup): string[] {
  const own = [...(owner.networks ?? [])].flatMap(([network, config]) => {
    for (const key of ['ipv4_address', 'ipv6_address', 'mac_address'] as const) if ((config?.[key] ?? '') !== '') findings.refuse(`services.${name}.networks.${network}.${key}`, 'the cluster gives addresses', 'use the name of the service instead of its address');
    return config?.aliases ?? [];
  });
  const linked = [...project.services.values()].flatMap(({ links = [] }) => links.map((link) => link.split(':'))).filter(([target, alias]) => target === name && alias !== undefined).map(([, alias = '']) => alias);
  const all = [...new Set([...own, ...linked, ...(owner.container_name === undefined ? [] : [owner.container_name])])].filter((alias) => alias !== name).toSorted(compareText);
  return all.filter((alias) => {
    if (!isServiceName(alias)) findings.warn(`services.${name}`, `${alias} is no name that a cluster can look up: it is left out`);
    return isServiceName(alias);
  });
}

function headless(conversion: Conversion, service: string, name: string, owner: string): Manifest {
  conversion.names.take('Service', name, owner);
  return { apiVersion: 'v1', kind: 'Service', metadata: metadataOf(conversion, name, service), spec: { clusterIP: 'None', selector: labelsOf(conversion, service) } };
}

function publishing(conversion: Conversion, { name: service }: PodGroup, name: string, type: string, published: readonly Port[]): Manifest[] {
  if (published.length === 0) return [];
  conversion.names.take('Service', name, `services.${service}.ports`);
  const ports = new Map<string, JsonObject>();
  for (const { target = 0, protocol = 'tcp', published: outside = '', app_protocol, name: own = '' } of published) {
    // Of a range, a daemon takes what is free: a balancer has all of it free.
    const port = Number(outside.split('-')[0]) || target;
    const key = `${port}-${protocol}`;
    if (!ports.has(key)) ports.set(key, { name: own === '' ? key : own.toLowerCase(), protocol: protocol.toUpperCase(), port, targetPort: target, appProtocol: app_protocol });
  }
  return [{ apiVersion: 'v1', kind: 'Service', metadata: metadataOf(conversion, name, service), spec: { type, selector: labelsOf(conversion, service), ports: [...ports.values()] } }];
}
