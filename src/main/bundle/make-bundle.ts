import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

export interface Bundle {
  /** An expression for a function of `require` and `leave` that answers with the exports of the entry. */
  readonly code: string;
  /** Each module of ours that the code was made of, as it was: path, size in bytes, time of change in milliseconds. */
  readonly sources: readonly (readonly [path: string, size: number, changed: number])[];
}

/**
 * Every module that an entry can reach as one script. An `import()` of one of `outside` (absolute paths) is the call
 * `leave()`, which the script is given.
 */
export async function makeBundle(entry: string, outside: ReadonlySet<string>): Promise<Bundle> {
  const sources: [string, number, number][] = [];
  const { outputFiles } = await build({
    entryPoints: [entry], bundle: true, platform: 'node', format: 'cjs', target: 'esnext', write: false, logLevel: 'silent',
    // A script has no loader of modules: what is imported where it is needed is required there.
    supported: { 'dynamic-import': false },
    banner: { js: '(function (require, leave) { const module = { exports: {} };' }, footer: { js: 'return module.exports; })' },
    plugins: [leaving(outside), reading(sources)],
  });
  // The bundler leaves regular expressions as they are. Outside of ASCII each character of the whole script would take two bytes.
  const code = (outputFiles[0]?.text ?? '').replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return { code, sources };
}

function leaving(outside: ReadonlySet<string>): Plugin {
  return {
    name: 'leave',
    setup(building) {
      building.onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        const target = resolve(resolveDir, path);
        return kind === 'dynamic-import' && outside.has(target) ? { path: target, namespace: 'outside' } : undefined;
      });
      building.onLoad({ filter: /./, namespace: 'outside' }, () => ({ contents: 'leave();', loader: 'js' }));
    },
  };
}

/** Notes each of our modules, and tells it where it lies: `import.meta` is not there in a script. */
function reading(sources: [path: string, size: number, changed: number][]): Plugin {
  return {
    name: 'read',
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        // Before it is read: what changes meanwhile makes the bundle out of date.
        const { size, mtimeMs } = statSync(path);
        sources.push([path, size, mtimeMs]);
        return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' };
      });
    },
  };
}
