import type { Project } from '../model/project.ts';
import { startOrder } from '../model/select.ts';
import type { Build, Service } from '../model/service-kind.ts';
import { compareText } from '../value/go-text.ts';
import { joinPath } from '../value/posix-path.ts';
import type { Mapping, Value } from '../value/value.ts';
import { imageLabels } from './image-labels.ts';
import { imageName } from './names.ts';

/** What the command line says beside the files. */
export interface BakeOptions {
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly push: boolean;
  readonly args: ReadonlyMap<string, string>;
  readonly ssh: readonly string[];
  /** Empty: as the service says. */
  readonly provenance: string;
  readonly sbom: string;
}

const SERVICE = 'service:';

/** The builds of services as a file for `docker buildx bake`, in docker compose's order and words; with those whose images they build on. */
export function bakeFile(project: Project, services: readonly string[], options: BakeOptions): Mapping {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const build = project.services.get(name)?.build;
    if (build === undefined || wanted.has(name)) return;
    wanted.add(name);
    for (const context of (build.additional_contexts ?? new Map<string, string>()).values()) if (context.startsWith(SERVICE)) want(context.slice(SERVICE.length));
  };
  for (const name of services) want(name);
  const ordered = startOrder(project).filter((name) => wanted.has(name));
  return new Map<string, Value>([
    ['group', new Map([['default', new Map([['targets', ordered]])]])],
    ['target', new Map(ordered.toSorted(compareText).map((name) => [name, target(project, name, project.services.get(name) ?? {}, options)]))],
  ]);
}

function target(project: Project, name: string, service: Service, options: BakeOptions): Mapping {
  const build: Build = service.build ?? {};
  const { context = '.', dockerfile = 'Dockerfile', dockerfile_inline: inline = '' } = build;
  const isLocal = context.startsWith('/');
  // An image without a name of its own has nowhere to go.
  const isPushed = options.push && (service.image ?? '') !== '';
  const platforms = build.platforms ?? (service.platform === undefined ? [] : [service.platform]);
  const parts: readonly (readonly [string, Value])[] = [
    ['context', context],
    ['contexts', mapping([...build.additional_contexts ?? []].map(([key, from]) => [key, from.startsWith(SERVICE) ? `target:${from.slice(SERVICE.length)}` : from]))],
    ['dockerfile', inline !== '' ? '' : isLocal && !dockerfile.startsWith('/') ? joinPath(context, dockerfile) : dockerfile],
    ['dockerfile-inline', inline],
    ['args', mapping([...build.args ?? [], ...options.args].flatMap(([key, value]) => (value === null ? [] : [[key, value]])))],
    ['labels', mapping([...imageLabels(project, name, build)])],
    ['tags', [...build.tags ?? [], imageName(project, name, service)]],
    ['cache-from', [...build.cache_from ?? []]],
    ['cache-to', [...build.cache_to ?? []]],
    ['target', build.target ?? ''],
    ['secret', (build.secrets ?? []).flatMap(({ source = '', target: id = '' }) => secret(project, source, id === '' ? source : id))],
    ['ssh', [...[...build.ssh ?? []].map(([id, path]) => `${id}=${path ?? ''}`), ...options.ssh.map((entry) => (entry.includes('=') ? entry : `${entry}=`))]],
    ['platforms', [...platforms]],
    ['pull', options.pull || build.pull === true],
    ['no-cache', options.noCache || build.no_cache === true],
    ['network', build.network ?? ''],
    ['shm-size', build.shm_size === undefined ? '' : String(build.shm_size)],
    ['ulimits', [...build.ulimits ?? []].map(([limit, { soft, hard }]) => (soft === hard ? `${limit}=${soft}` : `${limit}=${soft}:${hard}`))],
    ['entitlements', [...build.entitlements ?? [], ...(build.privileged === true ? ['security.insecure'] : [])]],
    ['extra-hosts', mapping([...build.extra_hosts ?? []].map(([host, addresses]) => [host, addresses.join(',')]))],
    ['output', [isPushed || platforms.length > 1 ? `type=image,push=${isPushed}` : 'type=docker']],
    ['attest', [...attestation('provenance', options.provenance || build.provenance), ...attestation('sbom', options.sbom || build.sbom)]],
  ];
  return new Map(parts.filter(([, value]) => !isLeftOut(value)));
}

function isLeftOut(value: Value): boolean {
  return value === '' || value === false || (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0);
}

function mapping(entries: readonly (readonly string[])[]): Mapping {
  return new Map(entries.map(([key = '', value = '']): [string, string] => [key, value]).toSorted(([a], [b]) => compareText(a, b)));
}

function secret(project: Project, source: string, id: string): string[] {
  const { file = '', environment = '' } = project.secrets.get(source) ?? {};
  return file !== '' ? [`id=${id},type=file,src=${file}`] : environment !== '' ? [`id=${id},type=env,env=${environment}`] : [];
}

function attestation(type: string, asked = ''): string[] {
  if (asked === '' || asked === 'false') return [];
  return [asked === 'true' ? `type=${type}` : `type=${type},${asked}`];
}
