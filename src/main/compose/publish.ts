import { createInterface } from 'node:readline/promises';
import { GantryError } from '#base/error.ts';
import { SystemClock } from '#base/edge/system-clock.ts';
import { exactly } from '#cli/grammar/arity.ts';
import { boolFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ArtifactFile } from '#compose/artifact/artifact-format.ts';
import { exposureOf } from '#compose/artifact/publishable.ts';
import { checkPublished, publishedFiles } from '#compose/artifact/published-files.ts';
import { hasIncludes } from '#compose/artifact/renamed-paths.ts';
import { DiskFiles } from '#compose/edge/disk-files.ts';
import { openProject } from '#compose/load/open-project.ts';
import type { Project } from '#compose/model/project.ts';
import { COMPOSE_VERSION } from '#compose/value/labels.ts';
import { writeYaml } from '#compose/yaml/write-yaml.ts';
import { pushAll } from './build-commands.ts';
import type { ComposeCommand } from './compose-command.ts';
import { openOptions, type ComposeContext } from './compose-context.ts';
import { openSelected } from './compose-session.ts';
import { lockFile } from './config.ts';
import { withDigests } from './image-digests.ts';
import { pushProject } from './project-registry.ts';
import { SmallHasher } from './small-hasher.ts';

export const publishCommand: ComposeCommand = {
  summary: 'Publish the application in a registry, from which -f oci://REPOSITORY[:TAG] reads it',
  operands: '[OPTIONS] REPOSITORY[:TAG]',
  flags: [
    boolFlag('app', '', 'Publish the images that it needs along with it: push them instead'), stringFlag('oci-version', '', '1.0 or 1.1', { fallback: '1.1', completes: ['1.0', '1.1'] }),
    boolFlag('resolve-image-digests', '', 'Pin images to their digests'), boolFlag('with-env', '', 'Publish the variables of services, too'), boolFlag('yes', 'y', 'Ask nothing'),
  ],
  arity: exactly(1),
  run: async (context, args) => {
    const version = args.string('oci-version');
    if (version !== '1.0' && version !== '1.1') throw new GantryError('invalid', `unsupported OCI version: ${version}`, { hint: '1.0 and 1.1 are known' });
    if (args.bool('app')) throw new GantryError('unimplemented', 'gantry compose publishes no images within an application', { hint: 'push them (gantry compose push), and publish with --resolve-image-digests: then it names exactly those' });
    const project = openSelected(context, { services: [] });
    const files = publishedFiles({ directory: project.directory, composeFiles: project.composeFiles, files: new DiskFiles(), hasher: new SmallHasher() });
    const { refusal, variables, binds } = exposureOf(openProject({ ...openOptions(context), resolveEnvironment: false }), files.some(({ kind, text }) => kind === 'compose' && hasIncludes(text)));
    if (refusal !== undefined) throw new GantryError('invalid', refusal, { hint: 'write what is included into the file, and give what is built an image' });
    if (variables.length > 0 && !args.bool('with-env')) {
      throw new GantryError('invalid', [...variables, 'To avoid leaking sensitive data, you must either explicitly allow the sending of environment variables by using the --with-env flag,', 'or remove sensitive data from your Compose configuration'].join('\n'));
    }
    checkPublished(files, openOptions(context), project.environment);
    if (binds.length > 0 && !args.bool('yes') && !await agrees(context, binds)) return 0;
    const [name = ''] = args.operands;
    if (context.dryRun) {
      context.cli.out(files.map(({ kind, name: file }) => `${name}: ${kind} file ${file}\n`).join(''));
      return 0;
    }
    await pushBuilt(context, project);
    const pinned = args.bool('resolve-image-digests') ? await digestFile(context, project) : [];
    context.cli.err(` ${name}  publishing\n`);
    const digest = await pushProject(context.cli, name, [...files.filter(({ kind }) => kind === 'compose'), ...pinned, ...files.filter(({ kind }) => kind !== 'compose')], {
      created: new Date(Number(new SystemClock().nowNs() / 1_000_000n)).toISOString().replace(/\.\d+Z$/, 'Z'), ociVersion: version, composeVersion: COMPOSE_VERSION,
    });
    context.cli.err(` ${name}  published\n`);
    context.cli.out(`${digest}\n`);
    return 0;
  },
};

/** What is built here is nowhere else yet. */
async function pushBuilt(context: ComposeContext, project: Project): Promise<void> {
  const built = [...project.services.values()].flatMap(({ build, image = '' }) => (build !== undefined && image !== '' ? [image] : []));
  if (built.length > 0) await pushAll(context, built, true);
}

async function digestFile(context: ComposeContext, project: Project): Promise<ArtifactFile[]> {
  return [{ kind: 'compose', name: 'image-digests.yaml', text: writeYaml(lockFile(await withDigests(project, await context.cli.client()))) }];
}

async function agrees({ cli }: ComposeContext, binds: readonly string[]): Promise<boolean> {
  cli.err(['you are about to publish bind mounts declaration within your OCI artifact.', 'only the bind mount declarations will be added to the OCI artifact (not content)', 'please double check that you are not mounting potential user\'s sensitive directories or data', ...binds, ''].join('\n'));
  const { stdin } = cli.io;
  if (stdin.isTTY !== true) throw new GantryError('invalid', 'nobody is there to agree', { hint: 'look at these mounts, and publish with --yes' });
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question('Are you ok to publish these bind mount declarations? [y/N] ')).trim());
  } finally {
    asking.close();
  }
}
