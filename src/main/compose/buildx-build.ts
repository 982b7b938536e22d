import { spawn } from 'node:child_process';
import { GantryError } from '#base/error.ts';
import type { DaemonAddress } from '#cli/http/address.ts';
import { imageLabels } from '#compose/lower/image-labels.ts';
import { imageName } from '#compose/lower/names.ts';
import type { Project } from '#compose/model/project.ts';
import type { Build } from '#compose/model/service-kind.ts';
import type { ImageBuild } from './build-image.ts';

/**
 * Arguments of buildx for a service.
 * @param dockerfile path of the Dockerfile; absent: the context's own
 */
export function buildxArgs({ project, service, config, image, noCache, pull, args, check, ssh = [], provenance, sbom }: ImageBuild, dockerfile: string | undefined): string[] {
  const build: Build = config.build ?? {};
  const option = (name: string, values: Iterable<string>): string[] => [...values].map((value) => `--${name}=${value}`);
  const pairs = (entries: Iterable<readonly [string, string | null | undefined]>): string[] => [...entries].map(([key, value]) => (value === null || value === undefined ? key : `${key}=${value}`));
  const given = (name: string, value: string | undefined): string[] => (value === undefined || value === '' ? [] : [`--${name}=${value}`]);
  const platforms = build.platforms ?? (config.platform === undefined ? [] : [config.platform]);
  return [
    'build', '--progress=plain', ...(check === true ? ['--check'] : []),
    ...given('file', dockerfile), ...option('tag', [image, ...(build.tags ?? [])]), ...given('target', build.target), ...given('network', build.network),
    ...option('build-arg', pairs([...(build.args ?? []), ...(args ?? [])])), ...option('label', pairs(imageLabels(project, service, build))),
    ...(noCache === true || build.no_cache === true ? ['--no-cache'] : []), ...(pull === true || build.pull === true ? ['--pull'] : []),
    ...given('shm-size', build.shm_size === undefined ? undefined : String(build.shm_size)), ...given('platform', platforms.join(',')),
    ...option('cache-from', build.cache_from ?? []), ...option('cache-to', build.cache_to ?? []),
    ...[...(build.extra_hosts ?? [])].flatMap(([host, ips]) => option('add-host', ips.map((ip) => `${host}=${ip}`))),
    ...option('secret', secretsOf(project, service, build)), ...option('ssh', [...[...(build.ssh ?? [])].map(([id, path]) => (path === null || path === '' ? id : `${id}=${path}`)), ...ssh]),
    ...option('allow', [...(build.entitlements ?? []), ...(build.privileged === true ? ['security.insecure'] : [])]), ...given('provenance', provenance ?? build.provenance), ...given('sbom', sbom ?? build.sbom),
    ...option('ulimit', [...(build.ulimits ?? [])].map(([name, { soft, hard }]) => `${name}=${soft}:${hard}`)), ...option('build-context', contextsOf(project, build)),
    '--', build.context ?? '.',
  ];
}

function secretsOf(project: Project, service: string, build: Build): string[] {
  return (build.secrets ?? []).map(({ source = '', target = '' }) => {
    const { file = '', environment = '' } = project.secrets.get(source) ?? {};
    const id = `id=${target === '' ? source : target}`;
    if (file !== '') return `${id},src=${file}`;
    if (environment !== '') return `${id},env=${environment}`;
    throw new GantryError('invalid', `build.secrets only supports environment or file-based secrets: ${JSON.stringify(source)}`, { subject: `service ${service}`, hint: 'give the secret a file or an environment' });
  });
}

function contextsOf(project: Project, build: Build): string[] {
  return [...(build.additional_contexts ?? [])].map(([name, context]) => {
    if (!context.startsWith('service:')) return `${name}=${context}`;
    const other = context.slice('service:'.length);
    return `${name}=docker-image://${imageName(project, other, project.services.get(other) ?? {})}`;
  });
}

/** Runs buildx against a daemon; what it says is the output of the build. */
export async function buildWithBuildx(program: string, address: DaemonAddress, job: ImageBuild, dockerfile: string | undefined): Promise<void> {
  const { project, service, write } = job;
  // Secrets may come from variables that .env sets.
  const env = { ...process.env, ...Object.fromEntries(project.environment), DOCKER_HOST: address.text };
  const child = spawn(program, buildxArgs(job, dockerfile), { stdio: ['ignore', 'pipe', 'pipe'], env });
  let last = '';
  const say = (bytes: Buffer): void => {
    last = (last + bytes.toString()).slice(-2000);
    write(bytes.toString());
  };
  child.stdout.on('data', say);
  child.stderr.on('data', say);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const code = await promise;
  if (code === 0) return;
  const reason = last.trimEnd().split('\n').findLast((line) => line.startsWith('ERROR')) ?? `buildx ended with ${code}`;
  throw new GantryError('invalid', `failed to build: ${reason}`, { subject: `service ${service}`, hint: 'the output of the build says where' });
}
