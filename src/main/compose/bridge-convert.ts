import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GantryError } from '#base/error.ts';
import { exactly } from '#cli/grammar/arity.ts';
import { listFlag, stringFlag } from '#cli/grammar/flag.ts';
import { convertProject, manifestsYaml } from '#compose/bridge/convert.ts';
import { projectYaml, type Project } from '#compose/model/project.ts';
import { writeYaml } from '#compose/yaml/write-yaml.ts';
import type { ComposeCommand } from './compose-command.ts';
import { openSelected } from './compose-session.ts';
import type { ComposeContext } from './compose-context.ts';
import { dockerCommand } from './delegate.ts';
import { SmallHasher } from './small-hasher.ts';

export const convertCommand: ComposeCommand = {
  summary: 'Print the project as Kubernetes objects, or write them to a directory',
  operands: '[OPTIONS]',
  flags: [
    stringFlag('output', 'o', 'Directory to write to, a file for each object', { completes: 'file' }),
    stringFlag('templates', '', 'Directory with templates for the transformations', { completes: 'file' }),
    listFlag('transformation', 't', 'Image that converts the project, in place of Gantry'),
  ],
  arity: exactly(0),
  run: async (context, args) => {
    const project = openSelected(context, { services: [] });
    const images = args.list('transformation');
    const output = args.string('output');
    if (images.length > 0) return transform(context, project, images, output === '' ? 'out' : output, args.string('templates'));
    if (args.string('templates') !== '') throw new GantryError('invalid', '--templates are for an image that converts', { hint: 'name it with --transformation' });
    const { manifests, warnings } = convertProject(project, readMounted, new SmallHasher());
    for (const warning of warnings) context.cli.err(`WARN ${warning}\n`);
    if (output === '') context.cli.out(manifestsYaml(manifests));
    else {
      mkdirSync(output, { recursive: true });
      // Applied as a directory, files are taken in the order of their names.
      for (const [index, manifest] of manifests.entries()) writeFileSync(join(output, `${String(index).padStart(2, '0')}-${manifest.kind.toLowerCase()}-${manifest.metadata.name}.yaml`), manifestsYaml([manifest]), { mode: manifest.kind === 'Secret' ? 0o600 : 0o644 });
      context.cli.err(`${manifests.length} files in ${output}\n`);
    }
    return 0;
  },
};

function readMounted(path: string): Uint8Array | 'directory' | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return found === undefined ? undefined : 'directory';
  return found.isFile() ? readFileSync(path) : undefined;
}

/** The protocol of docker compose: the image finds `/in/compose.yaml`, perhaps `/templates`, and writes to `/out`. */
async function transform(context: ComposeContext, project: Project, images: readonly string[], output: string, templates: string): Promise<number> {
  const input = mkdtempSync(join(tmpdir(), 'gantry-convert-'));
  try {
    writeFileSync(join(input, 'compose.yaml'), writeYaml(projectYaml(project)));
    if (!context.dryRun) mkdirSync(output, { recursive: true });
    const mounts = [`${input}:/in`, `${resolve(output)}:/out`, ...(templates === '' ? [] : [`${resolve(templates)}:/templates`])];
    for (const image of images) {
      const code = await dockerCommand(context, 'run', ['--rm', `--user=${process.getuid?.() ?? 0}`, '--env=LICENSE_AGREEMENT=true', ...mounts.map((mount) => `--volume=${mount}`), image]);
      if (code !== 0) return code;
    }
    return 0;
  } finally {
    rmSync(input, { recursive: true, force: true });
  }
}
