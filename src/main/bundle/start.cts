// Runs the command line from its bundle where that was made of the present sources, else from the sources.
// A script, and plain: each module more, and Node's loader of modules, cost a part of what the bundle saves.
const { readFileSync, renameSync, statSync } = process.getBuiltinModule('node:fs');
const vm = process.getBuiltinModule('node:vm');

const directory: string = __dirname;
const root: string = directory.slice(0, directory.lastIndexOf('/node_modules/'));

interface Manifest {
  /** Of the script, and of its compiled code with `.cache` behind it. */
  readonly name: string;
  readonly sources: readonly (readonly [path: string, size: number, changed: number])[];
}

type Bundle = (require: NodeJS.Require, leave: () => never) => { runProcess(): Promise<void> };

/** Undefined where there is none, or one of other sources. */
function readBundle(): Bundle | undefined {
  try {
    const { name, sources } = JSON.parse(readFileSync(`${directory}/manifest.json`, 'latin1')) as Manifest;
    const fits = sources.every(([path, size, changed]) => {
      const found = statSync(`${root}/${path}`, { throwIfNoEntry: false });
      return found !== undefined && found.size === size && found.mtimeMs === changed;
    });
    if (!fits) return undefined;
    const filename = `${directory}/${name}`;
    const script = new vm.Script(readFileSync(filename, 'latin1'), { filename, cachedData: readFileSync(`${filename}.cache`) });
    return script.runInThisContext() as Bundle;
  } catch {
    return undefined;
  }
}

/** This process becomes one that runs the sources. */
function leave(): never {
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, `${root}/src/main/cli.ts`, ...process.argv.slice(2)]);
  throw new Error('this Node cannot replace its process');
}

/** Whoever takes the manifest away makes a new bundle, in the background; nobody else does. */
function renew(): void {
  try {
    renameSync(`${directory}/manifest.json`, `${directory}/manifest.old.json`);
    const { spawn } = process.getBuiltinModule('node:child_process');
    spawn(process.execPath, [...process.execArgv, `${root}/src/main/bundle/write-bundle.ts`, directory], { detached: true, stdio: 'ignore', cwd: '/' }).unref();
  } catch {
    // Another process was first, or the checkout is not ours to write to.
  }
}

const bundle = readBundle();
if (bundle === undefined) {
  renew();
  leave();
}
void bundle(require, leave).runProcess();
