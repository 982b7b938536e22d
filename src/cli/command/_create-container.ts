import { readFileSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { GantryError, isKind } from '#base/error.ts';
import type { CliContext } from '../command-spec.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import type { ApiClient } from '../http/api-client.ts';
import { withDefaultTag } from '../image-name.ts';
import { lowerCreate } from '../lower/create.ts';
import type { CreateBody } from '../lower/create-body.ts';
import { invalid } from '../status-error.ts';
import { reasonOf } from './_open-file.ts';
import { pullImage } from './_progress.ts';

const PULL_POLICIES = ['always', 'missing', 'never', ''];

/** The request that the flags ask for. Throws `invalid` before anything is sent. */
export function createBody(context: CliContext, args: ParsedArgs): CreateBody {
  const pull = args.string('pull');
  if (!PULL_POLICIES.includes(pull)) throw invalid(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`);
  const { stdout, env } = context.io;
  const world = { cwd: process.cwd(), env: (name: string) => env[name], readFile: readNamedFile };
  const body = lowerCreate(args, world, [stdout.rows ?? 0, stdout.columns ?? 0]);
  return args.bool('use-api-socket') ? withApiSocket(context, body) : body;
}

/** Creates the container, pulls its image when that is missing, and prints warnings. Answers with the id. */
export async function createContainer(context: CliContext, args: ParsedArgs, body: CreateBody): Promise<string> {
  const client = await context.client();
  const idFile = await IdFile.create(body.HostConfig.ContainerIDFile);
  try {
    const { Id, Warnings } = await createOrPull(context, client, args, body);
    for (const warning of [...(Warnings ?? []), ...dnsWarning(body)]) context.err(`WARNING: ${warning}\n`);
    await idFile?.write(Id);
    return Id;
  } finally {
    await idFile?.close();
  }
}

interface Created {
  readonly Id: string;
  readonly Warnings?: readonly string[] | null;
}

async function createOrPull(context: CliContext, client: ApiClient, args: ParsedArgs, body: CreateBody): Promise<Created> {
  const pull = args.string('pull');
  const platform = args.string('platform') || (context.io.env['DOCKER_DEFAULT_PLATFORM'] ?? '');
  const query = { name: args.string('name') || undefined, platform: platform || undefined };
  const create = (): Promise<Created> => client.json('POST', '/containers/create', { query, json: body });
  const fetchImage = (): Promise<void> => pullImage(context, body.Image, platform, { quiet: args.bool('quiet') });
  if (pull === 'always') await fetchImage();
  try {
    return await create();
  } catch (error) {
    if (!isKind(error, 'not-found') || pull !== 'missing') throw error;
    if (!args.bool('quiet')) context.err(`Unable to find image '${withDefaultTag(body.Image)}' locally\n`);
    await fetchImage();
    return create();
  }
}

/** `--cidfile`: made before the container, so that no container is made whose id can't be told. */
class IdFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #written = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<IdFile | undefined> {
    if (path === '') return undefined;
    try {
      return new IdFile(path, await open(path, 'wx', 0o666));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
        throw new GantryError('conflict', `container ID file found, make sure the other container isn't running or delete ${path}`, { cause });
      }
      throw new GantryError('invalid', `failed to create the container ID file: open ${path}: ${reasonOf(cause)}`, { cause });
    }
  }

  async write(id: string): Promise<void> {
    await this.#file.writeFile(id);
    this.#written = true;
  }

  async close(): Promise<void> {
    await this.#file.close();
    if (!this.#written) await rm(this.#path, { force: true });
  }
}

function withApiSocket(context: CliContext, body: CreateBody): CreateBody {
  const { address } = context.options;
  if (address.kind !== 'unix') throw invalid(`--use-api-socket needs a daemon at a unix socket, not at ${address.text}`);
  const mount = { Type: 'bind', Source: address.path, Target: '/var/run/docker.sock', BindOptions: {} };
  return { ...body, HostConfig: { ...body.HostConfig, Mounts: [...(body.HostConfig.Mounts ?? []), mount] } };
}

function readNamedFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new GantryError('invalid', `open ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function dnsWarning(body: CreateBody): readonly string[] {
  const local = body.HostConfig.Dns.find((ip) => ip.startsWith('127.') || ip === '::1');
  return local === undefined ? [] : [`Localhost DNS (${local}) may fail in containers.`];
}
