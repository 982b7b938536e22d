import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { CHILD_BUNDLE, CHILD_PROGRAMS, type ChildManifest } from '#image/snapshot/edge/child-code.ts';
import { makeBundle } from './make-bundle.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Daemons that run go on with the scripts that they began with. */
const KEPT_MS = 3_600_000;

/** Writes the programs that work on foreign files, each as one script with its compiled code, their starter and, last, the manifest. */
export async function writeChildren(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const name = `${Date.now()}-${process.pid}`;
  const sources = new Map<string, ChildManifest['sources'][number]>();
  for (const program of CHILD_PROGRAMS) {
    const bundle = await makeBundle(`${root}src/image/snapshot/edge/${program}.ts`, new Set());
    for (const [path, size, changed] of bundle.sources) sources.set(path, [path.slice(root.length), size, changed]);
    const filename = `${directory}/${name}-${program}.js`;
    writeFileSync(filename, bundle.code);
    writeFileSync(`${filename}.cache`, compiled(bundle.code, filename));
  }
  replace(`${directory}/start.cjs`, stripTypeScriptTypes(readFileSync(new URL('start-child.cts', import.meta.url), 'utf8')));
  replace(`${directory}/manifest.json`, JSON.stringify({ name, sources: [...sources.values()] } satisfies ChildManifest));
  for (const old of readdirSync(directory)) {
    const path = `${directory}/${old}`;
    if (/^[0-9]+-[0-9]+-/.test(old) && !old.startsWith(name) && Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true });
  }
}

/** Every function, for these programs run most of theirs, and each only once: V8 would compile one when it is called. */
function compiled(code: string, filename: string): Buffer {
  setFlagsFromString('--no-lazy');
  const script = new vm.Script(code, { filename });
  setFlagsFromString('--lazy');
  return script.createCachedData();
}

/** A file is there as a whole, or not at all. */
function replace(path: string, content: string): void {
  writeFileSync(`${path}.${process.pid}`, content);
  renameSync(`${path}.${process.pid}`, path);
}

if (import.meta.main) await writeChildren(process.argv[2] ?? CHILD_BUNDLE);
