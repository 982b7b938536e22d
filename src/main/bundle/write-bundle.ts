import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { GantryError } from '#base/error.ts';
import type * as Program from '../program.ts';
import { makeBundle } from './make-bundle.ts';
import { warmUp } from './warm-up.ts';

const main = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Commands that need the engine or live long: they gain nothing, and would make the bundle large. */
const outside = new Set(['bootstrap/bootstrap-command.ts', 'cluster/cluster-commands.ts', 'compose/bridge-convert.ts', 'compose/project-registry.ts', 'compose/publish.ts', 'daemon-command.ts', 'demo/demo-command.ts', 'dockerd/dockerd-command.ts', 'registry/registry-commands.ts'].map((path) => main + path));

type Evaluate = (require: NodeJS.Require, leave: () => never) => typeof Program;

/** Writes the command line as one script, its compiled code, its starter and, last, the manifest, into a directory. */
export async function writeBundle(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const { code, sources } = await makeBundle(`${main}program.ts`, outside);
  // A name of its own: nobody ever finds the script of one bundle with the compiled code of another.
  const name = `${Date.now()}-${process.pid}.js`;
  const script = new vm.Script(code, { filename: `${directory}/${name}` });
  const leave = (): never => { throw new GantryError('internal', 'a command that the bundle leaves out was run to warm it up'); };
  // What these commands run is compiled by it, and nothing else: compiled code too takes time to be read.
  await warmUp((script.runInThisContext() as Evaluate)(createRequire(`${directory}/${name}`), leave));
  writeFileSync(`${directory}/${name}`, code);
  writeFileSync(`${directory}/${name}.cache`, script.createCachedData());
  // Packages change by npm ci only, which takes the bundle away with them.
  const ours = sources.map(([path, size, changed]) => [path.slice(root.length), size, changed]);
  replace(`${directory}/start.cjs`, stripTypeScriptTypes(readFileSync(new URL('start.cts', import.meta.url), 'utf8')));
  replace(`${directory}/manifest.json`, JSON.stringify({ name, sources: ours }));
  for (const old of readdirSync(directory)) if (/^[0-9]+-[0-9]+\.js/.test(old) && !old.startsWith(name)) rmSync(`${directory}/${old}`, { force: true });
}

/** A file is there as a whole, or not at all. */
function replace(path: string, content: string): void {
  writeFileSync(`${path}.${process.pid}`, content);
  renameSync(`${path}.${process.pid}`, path);
}

if (import.meta.main) await writeBundle(process.argv[2] ?? `${root}node_modules/.cache/gantry-cli`);
