import type { JsonObject } from '#base/json.ts';
import { writeJson } from '../yaml/write-json.ts';
import type { Service } from '../model/service-kind.ts';
import { containerSpec } from './container-spec.ts';
import { labelsOf, type Conversion } from './conversion.ts';
import { manifestValue, some, someOf, type Manifest } from './manifest.ts';
import { isLabel, isQualifiedName } from './names.ts';
import { networkLabel, networksOf } from './network-policies.ts';
import type { PodGroup } from './pod-group.ts';
import { PodVolumes } from './pod-volumes.ts';
import { podSecurity } from './security.ts';

export interface PodTemplate {
  readonly template: JsonObject;
  /** ConfigMaps and Secrets that the pod mounts. */
  readonly files: readonly Manifest[];
}

/** The pod of a group of services. `restartPolicy` is said for those that come to an end. */
export function podTemplate(conversion: Conversion, group: PodGroup, restartPolicy?: 'Never' | 'OnFailure'): PodTemplate {
  const { members, owner, name } = group;
  const path = `services.${name}`;
  const volumes = new PodVolumes(conversion);
  for (const [member] of members) if (!isLabel(member)) conversion.findings.refuse(`services.${member}`, `${member} is no name of a container in Kubernetes`, 'use at most 63 lower-case letters, digits and hyphens');
  const containers = members.map(([member, service]) => ({ ...containerSpec(conversion, member, service), volumeMounts: volumes.mountsOf(member, service) }));
  const any = (test: (service: Service) => boolean): true | undefined => (members.some(([, service]) => test(service)) ? true : undefined);
  const host = owner.network_mode === 'host' ? true : undefined;
  const signalled = any(({ stop_signal = '' }) => stop_signal !== '');
  const networks = Object.fromEntries(networksOf(conversion, owner).map((network) => [networkLabel(conversion, network), 'true']));
  return {
    files: volumes.files,
    template: {
      metadata: { labels: { ...labelsOf(conversion, name), ...networks }, annotations: annotationsOf(conversion, members, volumes.files) },
      spec: {
        restartPolicy,
        hostname: hostname(conversion, path, owner),
        hostNetwork: host, dnsPolicy: host === undefined ? undefined : 'ClusterFirstWithHostNet',
        hostPID: any(({ pid }) => pid === 'host'), hostIPC: any(({ ipc }) => ipc === 'host'),
        // Another process than the service's is the first one then, and it reaps: that is what init is for.
        shareProcessNamespace: any(({ init, pid }) => init === true || pid?.startsWith('service:') === true),
        // The variables and the token that Kubernetes gives pods are no part of what the file says.
        enableServiceLinks: false, automountServiceAccountToken: false,
        terminationGracePeriodSeconds: graceSeconds(members),
        hostAliases: hostAliases(conversion, path, owner), dnsConfig: dnsConfig(owner),
        os: signalled === undefined ? undefined : { name: 'linux' },
        nodeSelector: nodeSelector(conversion, path, owner), runtimeClassName: owner.runtime,
        securityContext: podSecurity(conversion, members),
        containers,
        volumes: volumes.volumes,
      },
    },
  };
}

/** Labels of Docker hold any text: that is what annotations are. A change of a mounted file is a change of the pod. */
function annotationsOf({ findings, hasher }: Conversion, members: PodGroup['members'], files: readonly Manifest[]): JsonObject | undefined {
  const found = new Map<string, string>();
  for (const [member, { labels, annotations }] of members) {
    for (const [key, value] of [...(labels ?? []), ...(annotations ?? [])]) {
      if (key.startsWith('com.docker.compose.')) continue;
      if (isQualifiedName(key)) found.set(key, value);
      else findings.warn(`services.${member}.labels`, `${key} is no name of an annotation: it is left out`);
    }
  }
  const fingerprint = files.length === 0 ? {} : { 'com.docker.compose/files-hash': hasher.sha256(new TextEncoder().encode(writeJson(manifestValue(files)))).slice(0, 16) };
  return someOf({ ...Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1))), ...fingerprint });
}

function hostname({ findings }: Conversion, path: string, { hostname: own = '' }: Service): string | undefined {
  if (own === '') return undefined;
  if (!isLabel(own)) findings.refuse(`${path}.hostname`, `${own} is no name of a host in Kubernetes`, 'use at most 63 lower-case letters, digits and hyphens');
  return own;
}

function graceSeconds(members: PodGroup['members']): number | undefined {
  const given = members.flatMap(([, { stop_grace_period: period }]) => (period === undefined ? [] : [Math.ceil(Number(period) / 1e9)]));
  return given.length === 0 ? undefined : Math.max(...given);
}

function hostAliases({ findings }: Conversion, path: string, { extra_hosts }: Service): readonly JsonObject[] | undefined {
  const byAddress = new Map<string, string[]>();
  for (const [host, addresses] of extra_hosts ?? []) {
    for (const ip of addresses) {
      if (ip === 'host-gateway') findings.refuse(`${path}.extra_hosts`, `${host} is this machine, which a pod does not run on`, 'use the name of a service, or an ExternalName Service');
      byAddress.set(ip, [...(byAddress.get(ip) ?? []), host]);
    }
  }
  return some([...byAddress].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([ip, hostnames]) => ({ ip, hostnames: hostnames.toSorted() })));
}

function dnsConfig({ dns, dns_search, dns_opt }: Service): JsonObject | undefined {
  return someOf({
    nameservers: some(dns ?? []), searches: some(dns_search ?? []),
    options: some((dns_opt ?? []).map((option) => {
      const [name = '', value] = option.split(':');
      return { name, value };
    })),
  });
}

function nodeSelector({ findings }: Conversion, path: string, { platform = '', deploy }: Service): JsonObject | undefined {
  const wanted: Record<string, string> = {};
  const [os = '', architecture = ''] = platform.split('/');
  if (platform !== '') Object.assign(wanted, { 'kubernetes.io/os': os }, architecture === '' ? {} : { 'kubernetes.io/arch': architecture });
  const { constraints = [], preferences = [], max_replicas_per_node: perNode } = deploy?.placement ?? {};
  for (const constraint of constraints) {
    const [, label = '', value = ''] = /^\s*node\.(labels\.\S+?|hostname)\s*==\s*(\S+)\s*$/.exec(constraint) ?? [];
    if (label === '') findings.refuse(`${path}.deploy.placement.constraints`, `${JSON.stringify(constraint)} has no counterpart`, 'node.hostname == NAME and node.labels.KEY == VALUE have');
    else wanted[label === 'hostname' ? 'kubernetes.io/hostname' : label.slice('labels.'.length)] = value;
  }
  if (preferences.length > 0) findings.warn(`${path}.deploy.placement.preferences`, 'Kubernetes spreads pods over nodes by itself: it is left out');
  if (perNode !== undefined && perNode > 0) findings.refuse(`${path}.deploy.placement.max_replicas_per_node`, 'a pod has no such bound', 'use mode: global for one on every node');
  return someOf(wanted);
}
