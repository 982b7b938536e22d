import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { boolFlag, listFlag, stringFlag } from '../grammar/flag.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import type { Query } from '../http/api-client.ts';
import { readJsonLines } from '../http/json-lines.ts';
import { invalid, StatusError } from '../status-error.ts';
import { archiveOf } from './_local-tar.ts';

interface Explained {
  readonly title: string;
  readonly isCached: boolean;
  readonly why: string;
}

/** One line of the answer to `POST /build`. */
interface BuildMessage {
  readonly stream?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string; readonly explained?: readonly Explained[] };
}

export const buildCommand: CommandSpec = {
  summary: 'Build an image from a Dockerfile',
  operands: '[OPTIONS] PATH | URL | -',
  aliases: ['image build', 'build', 'builder build'],
  flags: [
    listFlag('add-host', '', 'Another name in /etc/hosts (name:address)'),
    listFlag('build-arg', '', 'Value of an ARG (name=value)'),
    boolFlag('explain', '', 'Say for every step why it ran or did not'),
    stringFlag('file', 'f', 'Name of the Dockerfile (default: PATH/Dockerfile)', { completes: 'file' }),
    stringFlag('iidfile', '', 'File to write the id of the image to', { completes: 'file' }),
    listFlag('label', '', 'Label of the image (name=value)'),
    stringFlag('network', '', 'Network of RUN: default, none or host'),
    boolFlag('no-cache', '', 'Use no results of earlier builds'),
    stringFlag('platform', '', 'Platform to build for (os/arch/variant)'),
    stringFlag('progress', '', 'How to show progress; there is plain text only', { fallback: 'auto' }),
    boolFlag('pull', '', 'Pull bases also where they are here'),
    boolFlag('quiet', 'q', 'Print only the id of the image'),
    listFlag('secret', '', 'Secret for RUN --mount=type=secret (id=name,src=path or id=name,env=VARIABLE)'),
    stringFlag('shm-size', '', 'Size of /dev/shm, in bytes'),
    listFlag('tag', 't', 'Name of the image (name:tag)'),
    stringFlag('target', '', 'Stage to build'),
  ],
  arity: exactly(1),
  run: build,
};

async function build(context: CliContext, args: ParsedArgs): Promise<number> {
  const place = args.operand(0);
  const isRemote = /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(place);
  const file = dockerfileOf(place, args.string('file'), isRemote || place === '-');
  const query = queryOf(args, file, isRemote ? place : undefined);
  const stream = isRemote ? undefined : place === '-' ? context.io.stdin : contextOf(place);
  const secrets = secretsOf(args.list('secret'), context.io.env);
  const headers = { 'Content-Type': 'application/x-tar', ...(Object.keys(secrets).length === 0 ? {} : { 'X-Build-Secrets': Buffer.from(JSON.stringify(secrets)).toString('base64url') }) };
  const client = await context.client();
  const body = client.stream('POST', '/build', { query, headers, ...(stream === undefined ? {} : { stream }) });
  const id = await show(context, body, args);
  if (id !== undefined && args.string('iidfile') !== '') await import('node:fs/promises').then(({ writeFile }) => writeFile(args.string('iidfile'), id));
  return 0;
}

async function show(context: CliContext, body: AsyncIterable<Uint8Array>, args: ParsedArgs): Promise<string | undefined> {
  let id: string | undefined;
  for await (const { stream, error, aux } of readJsonLines<BuildMessage>(body)) {
    if (error !== undefined) throw new StatusError(1, error);
    if (stream !== undefined && !args.bool('quiet')) context.io.stderr.write(stream);
    if (aux?.explained !== undefined) context.out(explain(aux.explained));
    id = aux?.ID ?? id;
  }
  if (args.bool('quiet') && id !== undefined) context.out(`${id}\n`);
  return id;
}

function explain(steps: readonly Explained[]): string {
  const width = Math.max(...steps.map(({ title }) => Math.min(title.length, 60)), 0);
  return steps.map(({ title, isCached, why }) => `${isCached ? 'cached' : 'ran   '}  ${title.slice(0, 60).padEnd(width)}  ${why}\n`).join('');
}

function queryOf(args: ParsedArgs, dockerfile: string, remote: string | undefined): Query {
  return {
    t: args.list('tag'), dockerfile, remote, target: args.string('target') || undefined, platform: args.string('platform') || undefined, networkmode: args.string('network') || undefined,
    extrahosts: args.list('add-host'), buildargs: JSON.stringify(pairs(args.list('build-arg'), true)), labels: JSON.stringify(pairs(args.list('label'), false)),
    nocache: args.bool('no-cache'), pull: args.bool('pull'), shmsize: args.string('shm-size') || undefined, explain: args.bool('explain'),
  };
}

/** A name without a value takes that of the environment, as in docker, and none where there is none. */
function pairs(list: readonly string[], fromEnvironment: boolean): Record<string, string> {
  return Object.fromEntries(list.flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    if (at > 0) return [[pair.slice(0, at), pair.slice(at + 1)]];
    const value = fromEnvironment ? process.env[pair] : '';
    return value === undefined ? [] : [[pair, value]];
  }));
}

/** The Dockerfile's name inside of the context, as the daemon finds it there. */
function dockerfileOf(place: string, file: string, isElsewhere: boolean): string {
  if (file === '') return 'Dockerfile';
  if (isElsewhere) return file;
  const inside = relative(resolve(place), resolve(file));
  if (!inside.startsWith('..') && !isAbsolute(inside)) return inside;
  throw invalid(`the Dockerfile (${file}) must be within the build context`);
}

function contextOf(place: string): AsyncIterable<Uint8Array> {
  const status = statSync(place, { throwIfNoEntry: false });
  if (status === undefined) throw invalid(`unable to prepare context: path "${place}" not found`);
  if (!status.isDirectory()) throw invalid(`unable to prepare context: path "${place}" is no directory`);
  return archiveOf(place, '.', { from: '.', to: '.' }, false);
}

function secretsOf(list: readonly string[], env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(list.map((text): [string, string] => {
    const fields = new Map(text.split(',').map((field): [string, string] => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]));
    const id = fields.get('id') ?? '';
    if (id === '') throw invalid(`invalid secret: ${text}: it has no id`);
    const variable = fields.get('env');
    const source = fields.get('src') ?? fields.get('source');
    if (variable === undefined && source === undefined && env[id] === undefined) throw invalid(`invalid secret: ${text}: give src=PATH or env=VARIABLE`);
    const value = source !== undefined ? readFileSync(source) : Buffer.from(env[variable ?? id] ?? '');
    return [id, value.toString('base64')];
  }));
}

