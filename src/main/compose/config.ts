import { writeFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { SmallHasher } from './small-hasher.ts';
import { boolFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { alignTabs } from '#cli/print/table.ts';
import { variablesIn } from '#compose/interpolate/variables.ts';
import { explained, openModel, openProject, type OpenOptions } from '#compose/load/open-project.ts';
import { checkContainerNames } from '#compose/model/consistency.ts';
import { sorted, sortedDeep } from '#compose/model/kind.ts';
import { projectJson, projectYaml, serviceNames, serviceOf, type Project } from '#compose/model/project.ts';
import { withServicesEnabled } from '#compose/model/select.ts';
import { serviceHash } from '#compose/model/service-hash.ts';
import { compareText } from '#compose/value/go-text.ts';
import { isMapping, type Mapping, type Value } from '#compose/value/value.ts';
import { writeIndentedJson } from '#compose/yaml/write-json.ts';
import { writeYaml } from '#compose/yaml/write-yaml.ts';
import type { ComposeCommand } from './compose-command.ts';
import { openOptions, selectProject, type ComposeContext } from './compose-context.ts';
import { withDigests } from './image-digests.ts';

export const configCommand: ComposeCommand = {
  summary: 'Print the compose files as one, in the long form',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [
    boolFlag('environment', '', 'Print the variables that compose files may use'),
    stringFlag('format', '', 'yaml or json', { completes: ['yaml', 'json'] }),
    stringFlag('hash', '', "Print the hash of a service's configuration, of all services for '*'"),
    boolFlag('images', '', 'Print the names of images'),
    boolFlag('lock-image-digests', '', 'Print a file that pins images to their digests'),
    boolFlag('models', '', 'Print the names of models'),
    boolFlag('networks', '', 'Print the names of networks'),
    boolFlag('no-consistency', '', 'Do not check that the parts fit each other'),
    boolFlag('no-env-resolution', '', 'Leave env files of services unread'),
    boolFlag('no-interpolate', '', 'Leave variables as they are written'),
    boolFlag('no-normalize', '', 'Leave out what is only implied'),
    boolFlag('no-path-resolution', '', 'Leave relative paths as they are'),
    stringFlag('output', 'o', 'File to write to', { completes: 'file' }),
    boolFlag('profiles', '', 'Print the names of profiles'),
    boolFlag('quiet', 'q', 'Check, and print nothing'),
    boolFlag('resolve-image-digests', '', 'Pin images to their digests'),
    boolFlag('services', '', 'Print the names of services'),
    boolFlag('variables', '', 'Print the variables in the files and their defaults'),
    boolFlag('volumes', '', 'Print the names of volumes'),
  ],
  run: async (context, args) => {
    const text = await answer(context, args);
    const output = args.string('output');
    if (args.bool('quiet')) return 0;
    if (output === '') context.cli.out(text);
    else writeFileSync(output, text);
    return 0;
  },
};

async function answer(context: ComposeContext, args: ParsedArgs): Promise<string> {
  const options = configOptions(context, args);
  if (args.bool('variables')) return variableTable(openModel({ ...options, interpolate: false }).value);
  if (args.bool('no-interpolate') && !listsNames(args)) return writtenModel(options, args);
  const names = args.operands;
  const whole = explained(openModel(options), () => openProject(options));
  if (args.bool('profiles')) return lines([...new Set([...whole.services.values(), ...whole.disabled.values()].flatMap(({ profiles = [] }) => profiles))].toSorted());
  if (args.bool('environment')) return lines([...whole.environment].map(([key, value]) => `${key}=${value}`).toSorted(compareText));
  const project = selectProject(whole, context, { services: names });
  const listed = listing(whole, project, context, args);
  if (listed !== undefined) return listed;
  if (!args.bool('no-consistency')) checkContainerNames(project);
  const pinned = args.bool('resolve-image-digests') || args.bool('lock-image-digests') ? await withDigests(project, await context.cli.client()) : project;
  if (args.bool('lock-image-digests')) return writeYaml(lockFile(pinned));
  // Read again, the text is interpolated: a dollar sign that is one has to be written twice.
  const text = formatOf(args) === 'json' ? writeIndentedJson(projectJson(pinned)) : writeYaml(projectYaml(pinned));
  return text.replaceAll('$', '$$$$');
}

function listsNames(args: ParsedArgs): boolean {
  return ['services', 'volumes', 'networks', 'models', 'images', 'profiles', 'environment', 'hash'].some((flag) => args.changed(flag));
}

function configOptions(context: ComposeContext, args: ParsedArgs): OpenOptions {
  return {
    ...openOptions(context),
    interpolate: !args.bool('no-interpolate'),
    normalize: !args.bool('no-normalize'),
    resolvePaths: !args.bool('no-path-resolution'),
    checkConsistency: !args.bool('no-consistency'),
    // The hash that is printed is that of the service as it is written.
    resolveEnvironment: !args.bool('no-env-resolution') && !args.changed('hash'),
  };
}

function listing(whole: Project, project: Project, context: ComposeContext, args: ParsedArgs): string | undefined {
  if (args.bool('services')) return lines(serviceNames(project));
  if (args.bool('volumes')) return lines(names(project.volumes));
  if (args.bool('networks')) return lines(names(project.networks));
  if (args.bool('models')) return lines(names(project.models));
  if (args.bool('images')) return lines([...project.services].sort(([a], [b]) => compareText(a, b)).map(([name, { image = '' }]) => (image === '' ? `${project.name}-${name}` : image)));
  const hashed = args.string('hash');
  if (hashed === '') return undefined;
  const wanted = hashed === '*' ? serviceNames(project) : hashed.split(',').toSorted(compareText);
  const enabled = withServicesEnabled(whole, hashed === '*' ? [] : wanted);
  const source = hashed === '*' ? project : selectProject(enabled, context, { services: [] });
  return lines(wanted.map((name) => `${name} ${serviceHash(serviceOf(source, name), new SmallHasher())}`));
}

function names(entries: ReadonlyMap<string, unknown>): string[] {
  return [...entries.keys()].toSorted(compareText);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

function formatOf(args: ParsedArgs): 'yaml' | 'json' {
  const format = args.string('format');
  if (format === '' || format === 'yaml' || format === 'json') return format === 'json' ? 'json' : 'yaml';
  throw new GantryError('invalid', `unsupported format ${JSON.stringify(format)}`, { hint: 'yaml and json are known' });
}

/** The model before it becomes a project: what interpolation would replace stays as it is. */
function writtenModel(options: OpenOptions, args: ParsedArgs): string {
  const { value } = openModel(options);
  const services = value.get('services');
  const wanted = args.operands;
  const chosen = wanted.length > 0 && isMapping(services) ? new Map(value).set('services', new Map([...services].filter(([name]) => wanted.includes(name)))) : value;
  return formatOf(args) === 'json' ? writeIndentedJson(sortedDeep(chosen)) : writeYaml(sortedDeep(chosen));
}

function variableTable(model: Mapping): string {
  const rows = sorted(variablesIn(model)).map(([name, { required, fallback, alternate }]) => `${name}\t${required}\t${fallback}\t${alternate}`);
  return alignTabs(`NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE\n${lines(rows)}`, { minWidth: 20, padding: 3 });
}

/** A compose file that only says which image each service runs. */
export function lockFile(project: Project): Mapping {
  const services = sorted(project.services).filter(([, { image = '' }]) => image !== '');
  return new Map<string, Value>([['services', new Map(services.map(([name, { image = '' }]) => [name, new Map([['image', image]])]))]]);
}
