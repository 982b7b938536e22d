import { readFileSync } from 'node:fs';
import type { CommandSpec } from '#cli/command-spec.ts';
import { noOperands } from '#cli/grammar/arity.ts';
import type { FlagSpec } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { product } from '#cli/product.ts';
import { formatTimeNs } from '#base/clock.ts';
import { GantryError, messageOf } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import type { CreateDefaults } from '#docker/create-defaults.ts';
import { lowerSecurityProfile } from '#docker/lower/security.ts';
import { readConfig, type DockerdConfig } from './config.ts';
import { groupIdOf, readFile, takePidFile } from './files.ts';
import { OPTIONS, type Option } from './options.ts';
import { checkEffects, mergeSettings, type Given } from './settings.ts';

const FLAGS = OPTIONS.filter(({ isFileOnly }) => isFileOnly !== true);

function flagOf(option: Option): FlagSpec {
  const { flag: name, short, kind, help, fallback } = option;
  return { name, kind: kind === 'map' ? 'list' : kind, help, ...(short === undefined ? {} : { short }), ...(fallback === undefined ? {} : { fallback }) };
}

function givenBy(args: ParsedArgs): Given {
  return new Map(FLAGS.filter(({ flag }) => args.changed(flag)).map(({ flag, kind }) => [flag, kind === 'list' || kind === 'map' ? args.list(flag) : [args.string(flag)]]));
}

interface Loaded {
  readonly config: DockerdConfig;
  readonly notes: readonly string[];
}

/** A missing file is none, unless somebody named it. */
function readSettingsFile(path: string, isNamed: boolean): Json {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!isNamed) return {};
    throw new GantryError('invalid', `open ${path}: no such file or directory`, { cause });
  }
  return text.trim() === '' ? {} : JSON.parse(text.replace(/^\uFEFF/, '')) as Json;
}

function load(args: ParsedArgs): Loaded {
  const path = args.string('config-file');
  try {
    const given = mergeSettings(givenBy(args), readSettingsFile(path, args.changed('config-file')));
    const notes = checkEffects(given);
    const config = readConfig(given);
    return { notes, config: { ...config, defaults: withProfile(config) } };
  } catch (thrown) {
    const hint = thrown instanceof GantryError && thrown.hint !== undefined ? { hint: thrown.hint } : {};
    throw new GantryError('invalid', `unable to configure the Docker daemon with file ${path}: ${messageOf(thrown)}`, { cause: thrown, ...hint });
  }
}

function withProfile({ defaults, seccompFile }: DockerdConfig): CreateDefaults {
  if (seccompFile === undefined) return defaults;
  const seccomp = readFile(seccompFile, 'seccomp profile');
  lowerSecurityProfile(seccomp);
  return { ...defaults, seccomp };
}

/** dockerd, as tools and people start it. */
export const dockerdCommand: CommandSpec = {
  summary: 'Run the engine with the options and the daemon.json of dockerd',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: FLAGS.map(flagOf),
  run: async ({ out, err }, args) => {
    if (args.bool('version')) {
      out(`Gantry version ${product.version}, speaks the Docker Engine API\n`);
      return 0;
    }
    const { config, notes } = load(args);
    if (args.bool('validate')) {
      out('configuration OK\n');
      return 0;
    }
    const log = (line: string): void => err(`${formatTimeNs(BigInt(Date.now()) * 1_000_000n)} ${line}\n`);
    const { runDaemon, tellOfLostErrors } = await import('../daemon.ts');
    tellOfLostErrors(log);
    for (const note of notes) log(note);
    takePidFile(config.pidFile);
    const { tls } = config;
    await runDaemon({
      hosts: config.hosts, gid: groupIdOf(config.group, log), root: config.root, run: config.run, runtime: config.runtime, network: config.network, defaults: config.defaults, images: config.images, log,
      ...(tls === undefined ? {} : { tls: { ca: readFile(tls.ca, 'CA certificate'), cert: readFile(tls.cert, 'certificate'), key: readFile(tls.key, 'key') } }),
      ...(config.pidFile === '' ? {} : { pidFile: config.pidFile }),
      reload: () => load(args).config.defaults,
    });
    return 0;
  },
};
