import type { Hasher } from '#base/hasher.ts';
import { scaleOf, type Project } from '../model/project.ts';
import { writeYaml } from '../yaml/write-yaml.ts';
import { claims } from './claims.ts';
import { labelsOf, type Conversion, type ReadMounted } from './conversion.ts';
import { Findings } from './findings.ts';
import { checkKeys } from './keys.ts';
import { manifestValue, type Manifest } from './manifest.ts';
import { isLabel, objectName, TakenNames } from './names.ts';
import { networkPolicies } from './network-policies.ts';
import { podGroups } from './pod-group.ts';
import { serviceObjects } from './service-objects.ts';
import { workload } from './workload.ts';

export interface Converted {
  /** In the order in which they can be made. */
  readonly manifests: readonly Manifest[];
  /** What is left out, and what will be different. */
  readonly warnings: readonly string[];
}

/** The objects that run a project in a cluster, in a namespace with the project's name. Throws `invalid` with all that can't be converted. */
export function convertProject(project: Project, readMounted: ReadMounted, hasher: Hasher): Converted {
  const findings = new Findings();
  const namespace = objectName(project.name);
  if (!isLabel(project.name)) findings.refuse('name', `${project.name} is no name of a namespace`, 'use lower-case letters, digits and hyphens: gantry compose -p NAME');
  const conversion: Conversion = { project, namespace, findings, names: new TakenNames(findings), readMounted, hasher };
  for (const [name, service] of project.services) if (scaleOf(service) > 0) checkService(name, service, findings);
  const groups = podGroups(project, findings);
  const workloads = groups.map((group) => workload(conversion, group));
  const files = new Map(workloads.flatMap(({ files: own }) => own).map((file) => [`${file.kind}/${file.metadata.name}`, file]));
  const manifests = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: labelsOf(conversion) } },
    ...networkPolicies(conversion, groups),
    ...[...files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file),
    ...claims(conversion, groups),
    ...groups.flatMap((group) => serviceObjects(conversion, group)),
    ...workloads.map(({ object }) => object),
  ];
  findings.check();
  return { manifests, warnings: findings.warnings };
}

function checkService(name: string, service: Parameters<typeof checkKeys>[1], findings: Findings): void {
  const path = `services.${name}`;
  checkKeys(path, service, findings);
  const { network_mode = '', ipc = '', pid = '' } = service;
  if (!['', 'host', 'bridge', 'default'].includes(network_mode) && !network_mode.startsWith('service:')) findings.refuse(`${path}.network_mode`, `${network_mode} is no network of a pod`, 'host and service:NAME are');
  for (const [key, mode] of [['ipc', ipc], ['pid', pid]] as const) if (mode.startsWith('container:')) findings.refuse(`${path}.${key}`, 'a cluster has none of this machine\'s containers', 'share with a service: service:NAME');
}

/** Objects as documents of one YAML stream, which `kubectl apply -f -` takes. */
export function manifestsYaml(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `---\n${writeYaml(manifestValue(manifest))}`).join('');
}
