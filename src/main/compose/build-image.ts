import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { ignoreFileNames } from '#build/dockerfile/ignore/ignore-file.ts';
import { IgnoreRules } from '#build/dockerfile/ignore/ignore-rules.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { readJsonLines } from '#cli/http/json-lines.ts';
import { imageLabels } from '#compose/lower/image-labels.ts';
import type { Project } from '#compose/model/project.ts';
import type { Build, Service } from '#compose/model/service-kind.ts';

export interface ImageBuild {
  readonly project: Project;
  readonly service: string;
  readonly config: Service;
  readonly image: string;
  /** The output of the build. */
  readonly write: (text: string) => void;
  readonly noCache?: boolean;
  readonly pull?: boolean;
  readonly args?: ReadonlyMap<string, string>;
  /** Look for faults in the Dockerfile, and build nothing. */
  readonly check?: boolean;
  /** Agents and keys, as in `build.ssh`. */
  readonly ssh?: readonly string[];
  /** In place of what the service says. */
  readonly provenance?: string;
  readonly sbom?: string;
}

interface BuildMessage {
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** A name for a Dockerfile outside of its context, or written in the compose file: it is sent beside the context. */
const SENT_DOCKERFILE = '.dockerfile.gantry-compose';

/** Builds a service's image by POST /build, whose context is a tar archive of the directory. */
export async function buildImage(client: ApiClient, job: ImageBuild): Promise<void> {
  const build = job.config.build ?? {};
  const context = build.context ?? '.';
  const unspoken = unspokenOf(job, build);
  if (unspoken.length > 0) return buildByBuildx(client, job, unspoken);
  const remote = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/.test(context);
  const scratch = await mkdtemp(join(tmpdir(), 'gantry-compose-'));
  try {
    const dockerfile = await dockerfileOf(build, context, scratch, job.service);
    const query = { ...buildQuery(job, build), dockerfile: dockerfile.name, ...(remote ? { remote: context } : {}) };
    const stream = remote ? {} : { stream: contextArchive(context, dockerfile, scratch, job.service), headers: { 'Content-Type': 'application/x-tar' } };
    for await (const { stream: text, error, errorDetail } of readJsonLines<BuildMessage>(client.stream('POST', '/build', { query, ...stream }))) {
      const failure = errorDetail?.message ?? error;
      if (failure !== undefined) throw new GantryError('invalid', `failed to build: ${failure}`, { subject: `service ${job.service}`, hint: `the build of ${dockerfile.name} in ${context} failed` });
      if (text !== undefined) job.write(text);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What POST /build has no words for. To leave it out in silence would build something else. */
function unspokenOf(job: ImageBuild, build: Build): string[] {
  const contexts = [...(build.additional_contexts ?? [])].filter(([, context]) => !context.startsWith('service:'));
  const asked = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== 'false';
  return [
    ...(job.check === true ? ['check'] : []), ...(build.privileged === true ? ['privileged'] : []), ...(asked(job.provenance ?? build.provenance) ? ['provenance'] : []), ...(asked(job.sbom ?? build.sbom) ? ['sbom'] : []),
    ...((build.secrets ?? []).length > 0 ? ['secrets'] : []), ...((build.ssh?.size ?? 0) > 0 || (job.ssh ?? []).length > 0 ? ['ssh'] : []), ...((build.cache_to ?? []).length > 0 ? ['cache_to'] : []),
    ...((build.entitlements ?? []).length > 0 ? ['entitlements'] : []), ...((build.platforms ?? []).length > 1 ? ['several platforms'] : []), ...(contexts.length > 0 ? ['additional_contexts'] : []),
  ];
}

async function buildByBuildx(client: ApiClient, job: ImageBuild, unspoken: readonly string[]): Promise<void> {
  const [{ buildWithBuildx }, { findPlugin }] = await Promise.all([import('./buildx-build.ts'), import('./plugin-path.ts')]);
  const program = findPlugin(process.env['DOCKER_CONFIG'] ?? `${process.env['HOME'] ?? ''}/.docker`, 'buildx');
  if (program === undefined) {
    throw new GantryError('unimplemented', `build.${unspoken.join(', build.')} can't be said in POST /build`, { subject: `service ${job.service}`, hint: 'install buildx (Debian: docker-buildx), which says it to our daemon or another' });
  }
  const { context = '.', dockerfile, dockerfile_inline: inline = '' } = job.config.build ?? {};
  const scratch = await mkdtemp(join(tmpdir(), 'gantry-compose-'));
  try {
    if (inline !== '') await writeFile(join(scratch, SENT_DOCKERFILE), inline);
    const named = dockerfile === undefined || dockerfile.startsWith('/') || context.includes('://') ? dockerfile : join(context, dockerfile);
    await buildWithBuildx(program, client.address, job, inline === '' ? named : join(scratch, SENT_DOCKERFILE));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function buildQuery({ project, service, image, noCache, pull, args, config }: ImageBuild, build: Build): Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> {
  const all = new Map([...(build.args ?? new Map<string, string | null>()), ...(args ?? [])]);
  const json = (entries: Iterable<readonly [string, unknown]>): string => JSON.stringify(Object.fromEntries(entries));
  return {
    t: [image, ...(build.tags ?? [])], rm: true, forcerm: true, version: 1,
    buildargs: all.size === 0 ? undefined : json(all), labels: json(imageLabels(project, service, build)), target: build.target, networkmode: build.network,
    nocache: noCache === true || build.no_cache === true, pull: pull === true || build.pull === true ? '1' : undefined, platform: build.platforms?.[0] ?? config.platform,
    ulimits: build.ulimits === undefined ? undefined : JSON.stringify([...build.ulimits].map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard }))),
    shmsize: build.shm_size, cachefrom: build.cache_from === undefined ? undefined : JSON.stringify(build.cache_from),
    extrahosts: build.extra_hosts === undefined ? undefined : [...build.extra_hosts].flatMap(([host, ips]) => ips.map((ip) => `${host}:${ip}`)),
  };
}

interface SentDockerfile {
  /** Its path in the archive. */
  readonly name: string;
  /** It lies in the scratch directory, not in the context. */
  readonly extra: boolean;
}

async function dockerfileOf(build: Build, context: string, scratch: string, service: string): Promise<SentDockerfile> {
  const inline = build.dockerfile_inline ?? '';
  if (inline !== '') {
    await writeFile(join(scratch, SENT_DOCKERFILE), inline);
    return { name: SENT_DOCKERFILE, extra: true };
  }
  const name = build.dockerfile ?? 'Dockerfile';
  if (!name.startsWith('/') && !name.startsWith('../')) return { name, extra: false };
  try {
    await writeFile(join(scratch, SENT_DOCKERFILE), readFileSync(name.startsWith('/') ? name : join(context, name)));
  } catch (cause) {
    throw new GantryError('not-found', `open ${name}: no such file or directory`, { subject: `service ${service}`, cause, hint: 'check build.dockerfile' });
  }
  return { name: SENT_DOCKERFILE, extra: true };
}

/** The directory without what its .dockerignore names, by the machine's tar. */
async function* contextArchive(context: string, { name, extra }: SentDockerfile, scratch: string, service: string): AsyncGenerator<Uint8Array, void, undefined> {
  if (statSync(context, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new GantryError('not-found', `unable to prepare context: path ${JSON.stringify(context)} not found`, { subject: `service ${service}`, hint: 'check build.context' });
  }
  const files = await contextFiles(context, extra ? undefined : name);
  const more = extra ? ['-C', scratch, name] : [];
  const child = spawn('tar', ['-C', context, '-cf', '-', '--numeric-owner', '--owner=0', '--group=0', '--no-recursion', '--null', '--verbatim-files-from', '-T', '-', ...more], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (bytes: Uint8Array) => (complaint += String(bytes)));
  child.on('error', (error) => (complaint += error.message));
  child.stdin.on('error', () => undefined);
  child.stdin.end(files.map((file) => `${file}\0`).join(''));
  const ended = once(child, 'close');
  for await (const bytes of child.stdout) yield bytes as Uint8Array;
  await ended;
  if (child.exitCode !== 0) throw new GantryError('internal', `tar could not read ${context}: ${complaint.trim()}`, { subject: `service ${service}` });
}

/** Paths below the context, parents first. The Dockerfile and the ignore file are sent though they are ignored. */
async function contextFiles(context: string, dockerfile: string | undefined): Promise<string[]> {
  const [own, common] = ignoreFileNames(dockerfile ?? 'Dockerfile');
  const text = [own, common].map((name) => readIfThere(join(context, name))).find((found) => found !== undefined);
  const rules = text === undefined ? undefined : IgnoreRules.parse(text);
  const always = new Set([dockerfile, own, common]);
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(join(context, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (rules === undefined || !rules.excludes(path) || always.has(path)) found.push(path);
      // What is below an ignored directory may be let in again by an exception.
      if (entry.isDirectory() && (rules === undefined || rules.hasExceptions || !rules.excludes(path))) await walk(path);
    }
  };
  await walk('');
  return found;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
