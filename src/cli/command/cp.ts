import { statSync, lstatSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { boolFlag } from '../grammar/flag.ts';
import type { ApiClient } from '../http/api-client.ts';
import { sinkOf } from '../http/interactive.ts';
import { formatDecimalSize } from '#base/units.ts';
import { invalid } from '../status-error.ts';
import { pathPart } from './_each.ts';
import { archiveOf, unpackInto } from './_local-tar.ts';
import { reasonOf } from './_open-file.ts';

export const cpCommand: CommandSpec = {
  summary: 'Copy files between a container and the local file system',
  operands: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-',
  alsoOperands: ['[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH'],
  description: [
    'Copy files between a container and the local file system',
    '',
    "With '-' as the source, a tar archive on standard input is unpacked into a directory",
    "of the container. With '-' as the destination, a tar archive is written to standard output.",
  ].join('\n'),
  aliases: ['container cp', 'cp'],
  flags: [
    boolFlag('archive', 'a', 'Keep owners and groups'),
    boolFlag('follow-link', 'L', 'Copy what a link in SRC_PATH points to'),
    boolFlag('quiet', 'q', 'Do not print what was copied; so it is without a terminal'),
  ],
  arity: exactly(2),
  run: async (context, args) => {
    if (args.operand(0) === '') throw invalid('source can not be empty');
    if (args.operand(1) === '') throw invalid('destination can not be empty');
    const source = splitPlace(args.operand(0));
    const target = splitPlace(args.operand(1));
    const quiet = args.changed('quiet') ? args.bool('quiet') : context.io.stdout.isTTY !== true;
    const options = { followLinks: args.bool('follow-link'), keepOwners: args.bool('archive'), quiet };
    const client = await context.client();
    if (source.container !== '' && target.container !== '') throw invalid('copying between containers is not supported');
    if (source.container !== '') return copyOut(context, client, source, target.path, options);
    if (target.container !== '') return copyIn(context, client, source.path, target, options);
    throw invalid('must specify at least one container source');
  },
};

interface CopyOptions {
  readonly followLinks: boolean;
  readonly keepOwners: boolean;
  readonly quiet: boolean;
}

interface Place {
  readonly container: string;
  readonly path: string;
}

/** `web:/etc/hosts`. A local path that has a colon is written `./a:b` or `/a:b`. */
function splitPlace(text: string): Place {
  const colon = text.indexOf(':');
  if (text.startsWith('/') || text.startsWith('.') || colon === -1) return { container: '', path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** The header X-Docker-Container-Path-Stat; `mode` has the bits of Go's os.FileMode. */
interface PathStat {
  readonly name: string;
  readonly mode: number;
  readonly linkTarget: string;
}

const GO_DIRECTORY = 2 ** 31;
const GO_SYMLINK = 2 ** 27;

async function copyOut(context: CliContext, client: ApiClient, source: Place, target: string, options: CopyOptions): Promise<number> {
  const path = options.followLinks ? await followLink(client, source) : source.path;
  const { head, body, close } = await client.open('GET', archivePath(source), { query: { path } });
  try {
    if (target === '-') {
      for await (const bytes of body) await sinkOf(context.io.stdout)?.(bytes);
      return 0;
    }
    const stat = decodeStat(head.headers);
    const isDirectory = Math.floor(stat.mode / GO_DIRECTORY) % 2 === 1;
    const contentsOnly = /(^|\/)\.$/.test(path);
    const local = localTarget(target, isDirectory);
    const count = { bytes: 0 };
    // The daemon's archive begins with the name of the source, and of `dir/.` with the directory's.
    const rebase = { from: contentsOnly && stat.name === '.' ? '.' : stat.name, to: local.exists && !contentsOnly ? basename(source.path.replace(/\/$/, '')) || stat.name : local.exists ? '.' : local.name };
    await unpackInto(local.directory, counted(body, count), rebase, options.keepOwners);
    if (!options.quiet) context.err(`Successfully copied ${formatDecimalSize(count.bytes, 3)} to ${resolve(target)}\n`);
    return 0;
  } finally {
    close();
  }
}

interface LocalTarget {
  /** An existing directory: the source goes into it under its own name. */
  readonly exists: boolean;
  readonly directory: string;
  readonly name: string;
}

function localTarget(target: string, sourceIsDirectory: boolean): LocalTarget {
  const path = resolve(target);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return { exists: true, directory: path, name: '' };
  if (stat !== undefined && sourceIsDirectory) throw invalid('cannot copy directory');
  if (stat === undefined && target.endsWith('/') && !sourceIsDirectory) throw invalid(`destination directory ${target} must exist`);
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true) throw new GantryError('not-found', `invalid output path: directory ${JSON.stringify(dirname(path))} does not exist`);
  return { exists: false, directory: dirname(path), name: basename(path) };
}

async function copyIn(context: CliContext, client: ApiClient, source: string, target: Place, options: CopyOptions): Promise<number> {
  const stat = await statTarget(client, target);
  const isDirectory = stat !== undefined && Math.floor(stat.mode / GO_DIRECTORY) % 2 === 1;
  const count = { bytes: 0 };
  const send = (path: string, stream: AsyncIterable<Uint8Array>): Promise<string> =>
    client.text('PUT', archivePath(target), {
      query: { path, noOverwriteDirNonDir: 'true', copyUIDGID: options.keepOwners ? 'true' : undefined },
      stream: counted(stream, count),
      headers: { 'Content-Type': 'application/x-tar' },
    });
  if (source === '-') {
    if (!isDirectory) throw invalid(`destination "${target.container}:${target.path}" must be a directory`);
    await send(target.path, context.io.stdin);
    return 0;
  }
  const local = describeLocal(source, options.followLinks);
  if (stat !== undefined && !isDirectory && local.isDirectory) throw invalid('cannot copy directory');
  if (stat === undefined && target.path.endsWith('/') && !local.isDirectory) throw new GantryError('not-found', `no such directory: ${target.container}:${target.path}`);
  const into = isDirectory ? target.path : dirname(target.path.replace(/\/+$/, '')) || '/';
  const name = isDirectory ? (local.contentsOnly ? '.' : local.name) : basename(target.path);
  await send(into, archiveOf(local.directory, local.archived, { from: local.archived, to: name }, options.followLinks));
  if (!options.quiet) context.err(`Successfully copied ${formatDecimalSize(count.bytes, 3)} to ${target.container}:${target.path}\n`);
  return 0;
}

interface LocalSource {
  readonly directory: string;
  /** What tar is told to archive. */
  readonly archived: string;
  readonly name: string;
  readonly isDirectory: boolean;
  /** `dir/.` means what is in it. */
  readonly contentsOnly: boolean;
}

function describeLocal(source: string, followLinks: boolean): LocalSource {
  const path = resolve(source);
  const contentsOnly = /(^|\/)\.$/.test(source);
  try {
    const isDirectory = (followLinks || source.endsWith('/') || contentsOnly ? statSync(path) : lstatSync(path)).isDirectory();
    if (contentsOnly) return { directory: path, archived: '.', name: basename(path), isDirectory, contentsOnly };
    return { directory: dirname(path), archived: basename(path), name: basename(path), isDirectory, contentsOnly };
  } catch (cause) {
    throw new GantryError('not-found', `lstat ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** What is at the target, after a link there is followed. Undefined when nothing is. */
async function statTarget(client: ApiClient, target: Place): Promise<PathStat | undefined> {
  try {
    const path = await followLink(client, target);
    return decodeStat((await client.head(archivePath(target), { query: { path } })).headers);
  } catch (error) {
    if (error instanceof GantryError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

async function followLink(client: ApiClient, place: Place): Promise<string> {
  const stat = decodeStat((await client.head(archivePath(place), { query: { path: place.path } })).headers);
  if (Math.floor(stat.mode / GO_SYMLINK) % 2 === 0) return place.path;
  return stat.linkTarget.startsWith('/') ? stat.linkTarget : `${dirname(place.path)}/${stat.linkTarget}`;
}

function decodeStat(headers: Readonly<Record<string, string>>): PathStat {
  const encoded = headers['x-docker-container-path-stat'];
  if (encoded === undefined) throw new GantryError('internal', 'the daemon answered without the header X-Docker-Container-Path-Stat');
  return JSON.parse(Buffer.from(encoded, 'base64').toString()) as PathStat;
}

function archivePath({ container }: Place): string {
  return `/containers/${pathPart(container)}/archive`;
}

async function* counted(source: AsyncIterable<Uint8Array>, count: { bytes: number }): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of source) {
    count.bytes += bytes.length;
    yield bytes;
  }
}
