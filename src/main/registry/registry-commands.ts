import { accessSync, constants, existsSync, statSync } from 'node:fs';
import type { CommandSpec } from '#cli/command-spec.ts';
import { exactly, noOperands } from '#cli/grammar/arity.ts';
import { boolFlag, stringFlag } from '#cli/grammar/flag.ts';
import { formatDecimalSize } from '#base/units.ts';
import { formatTimeNs } from '#base/clock.ts';
import { GantryError, messageOf } from '#base/error.ts';
import { serverOf, RegistryAuths } from '#cli/credentials/registry-auth.ts';
import { credentialsOf } from '#image/registry/credentials.ts';
import { parseSize } from '#cli/lower/size.ts';
import { parseAddress, parseWatermarks } from '../image-options.ts';
import { parseReference } from '#image/oci/reference.ts';

const rootFlag = stringFlag('root', '', 'Directory of the registry', { fallback: '/var/lib/gantry-registry', completes: 'file' });
const graceFlag = stringFlag('gc-grace', '', 'Time that a blob may wait for its manifest since it was last put or asked for', { fallback: '60', value: 'TIME' });

export const serveCommand: CommandSpec = {
  summary: 'Serve a registry',
  description: 'Serves a registry of images and other artifacts (OCI distribution spec 1.1).\n\nExample: gantry registry serve --addr 127.0.0.1:5000 --root /srv/registry',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [
    stringFlag('addr', '', 'Address to listen on', { fallback: '127.0.0.1:5000', value: 'HOST:PORT' }),
    rootFlag,
    stringFlag('htpasswd', '', 'File of users, as htpasswd -B writes it; without it everybody may do everything', { completes: 'file' }),
    stringFlag('auth', '', 'How users prove who they are (basic, with --anonymous-pull bearer)', { completes: ['basic', 'bearer'] }),
    boolFlag('anonymous-pull', '', 'Let everybody pull'),
    stringFlag('tls-cert', '', 'Certificate, PEM', { completes: 'file' }),
    stringFlag('tls-key', '', 'Key of the certificate, PEM', { completes: 'file' }),
    boolFlag('read-only', '', 'Refuse pushes and deletions'),
    stringFlag('upstream', '', 'Registry to pull through from', { value: 'HOST[:PORT]' }),
    boolFlag('insecure-upstream', '', 'The upstream may speak plain HTTP'),
    stringFlag('cache-gc', '', 'Per cent of disk use from which on and down to which --upstream gives up what was asked for longest ago, or off', { fallback: '85:80', value: 'HIGH:LOW|off' }),
    stringFlag('cache-size', '', 'Bytes that --upstream may keep (500m, 20g), without it as many as the disk has', { value: 'bytes' }),
    stringFlag('gc-every', '', 'Time between garbage collections (minutes, or with a unit: 30s, 2h), 0 for none', { fallback: '60', value: 'TIME' }),
    graceFlag,
  ],
  run: async ({ err }, args) => {
    const { host, port } = parseAddress(args.string('addr'));
    const [cert, key, auth] = [args.string('tls-cert'), args.string('tls-key'), authOf(args.string('auth'), args.bool('anonymous-pull'))];
    if ((cert === '') !== (key === '')) throw new GantryError('invalid', 'TLS needs both --tls-cert and --tls-key');
    const [htpasswd, upstream] = [args.string('htpasswd'), args.string('upstream')];
    if (htpasswd === '' && (auth === 'bearer' || args.bool('anonymous-pull'))) {
      throw new GantryError('invalid', `${args.string('auth') === 'bearer' ? '--auth bearer' : '--anonymous-pull'} says how users of a file are let in, and there is none: everybody might do everything`, { hint: 'name the file of users by --htpasswd' });
    }
    const cache = { size: args.string('cache-size') === '' ? undefined : parseSize(args.string('cache-size')), watermarks: parseWatermarks(args.string('cache-gc')) };
    if (cache.size === 0) throw new GantryError('invalid', '--cache-size is 0, with which nothing could be kept', { hint: 'give a size such as 20g, or leave it out' });
    if (upstream === '' && cache.size !== undefined) throw new GantryError('invalid', '--cache-size says how much is kept of another registry, and there is none', { hint: 'name it by --upstream' });
    for (const [flag, path] of [['htpasswd', htpasswd], ['tls-cert', cert], ['tls-key', key]] as const) if (path !== '') checkReadable(flag, path);
    const { serveRegistry } = await import('./serve.ts');
    await serveRegistry({
      host, port, root: args.string('root'), auth, anonymousPull: args.bool('anonymous-pull'), readOnly: args.bool('read-only'),
      collectEveryMs: parseTime('gc-every', args.string('gc-every')), graceMs: parseTime('gc-grace', args.string('gc-grace')),
      ...(htpasswd === '' ? {} : { htpasswd }), ...(upstream === '' ? {} : { upstream: { registry: upstream, insecure: args.bool('insecure-upstream'), ...cache } }), ...(cert === '' ? {} : { tls: { cert, key } }),
      log: (line) => err(`${formatTimeNs(BigInt(Date.now()) * 1_000_000n)} ${line}\n`),
    });
    return 0;
  },
};

export const collectCommand: CommandSpec = {
  summary: "Remove what no manifest of a registry refers to, while nobody serves it",
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [rootFlag, graceFlag],
  run: async ({ out }, args) => {
    const root = args.string('root');
    if (!existsSync(`${root}/registry.db`)) throw new GantryError('not-found', `there is no registry in ${root}`, { hint: 'name its directory by --root' });
    const { openRegistry } = await import('./serve.ts');
    const { content, close } = await openRegistry(root);
    out(`Total reclaimed space: ${formatDecimalSize(await content.collect(Date.now(), parseTime('gc-grace', args.string('gc-grace'))))}\n`);
    await close();
    return 0;
  },
};

export const tagsCommand: CommandSpec = {
  summary: 'List the tags of a repository',
  operands: '[OPTIONS] NAME',
  arity: exactly(1),
  flags: [boolFlag('insecure', '', 'The registry may speak plain HTTP')],
  run: async (context, args) => {
    const reference = parseReference(args.operand(0));
    const { registriesOfThisMachine } = await import('./registries.ts');
    const auth = await new RegistryAuths(context.options.configDirectory).find(serverOf(`${reference.domain}/${reference.path}`));
    const client = registriesOfThisMachine(args.bool('insecure') ? [reference.domain] : []).target(reference, credentialsOf({ ...auth }));
    for (const tag of await client.tags()) context.out(`${tag}\n`);
    return 0;
  },
};

/** Docker's engine asks a registry of passwords for nothing before it has one, so who pulls without needs tokens. Throws `invalid`. */
export function authOf(given: string, anonymousPull: boolean): 'basic' | 'bearer' {
  if (given === '') return anonymousPull ? 'bearer' : 'basic';
  if (given !== 'basic' && given !== 'bearer') throw new GantryError('invalid', `unknown kind of authentication ${JSON.stringify(given)}`, { hint: 'basic and bearer are known' });
  return given;
}

/** Before anything is opened or made. */
function checkReadable(flag: string, path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new GantryError('invalid', `--${flag} names ${path}, which can't be read: ${messageOf(cause)}`, { cause });
  }
  if (!statSync(path).isFile()) throw new GantryError('invalid', `--${flag} names ${path}, which is no file`);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `60`, which are minutes, or of `30s`, `5m`, `2h`. Throws `invalid`. */
export function parseTime(flag: string, text: string): number {
  const [, count, unit = 'm'] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit === '' ? 'm' : unit];
  if (count === undefined || unitMs === undefined) throw new GantryError('invalid', `--${flag} is ${JSON.stringify(text)}, which is no time`, { hint: 'give minutes, or a number with s, m or h' });
  return Number(count) * unitMs;
}
