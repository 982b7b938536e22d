import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Kernel {
  readonly image: string;
  /** Paths of all its modules by name. */
  readonly modules: ReadonlyMap<string, string>;
}

function run(command: string, args: readonly string[], cwd?: string): string {
  const ran = spawnSync(command, args, { encoding: 'utf8', ...(cwd === undefined ? {} : { cwd }) });
  return ran.status === 0 ? ran.stdout : '';
}

/** Debian's kernel, unpacked into the checkout, never installed; or why there is none. */
export function provideKernel(cache: string): Kernel | string {
  const directory = join(cache, 'kernel');
  if (!existsSync(directory)) {
    const name = /linux-image-\d\S+/.exec(run('apt-cache', ['depends', 'linux-image-amd64']))?.[0];
    if (name === undefined) return 'apt knows no linux-image-amd64';
    const work = `${directory}.new`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    run('apt-get', ['-q', 'download', name], work);
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (archive === undefined) return `apt could not download ${name}`;
    run('dpkg-deb', ['-x', archive, '.'], work);
    rmSync(join(work, archive));
    renameSync(work, directory);
  }
  const image = readdirSync(join(directory, 'boot')).find((file) => file.startsWith('vmlinuz-'));
  if (image === undefined) return 'the package holds no kernel';
  const modules = readdirSync(join(directory, 'lib/modules'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ko'));
  return { image: join(directory, 'boot', image), modules: new Map(modules.map((file) => [nameOf(file), join(directory, 'lib/modules', file)])) };
}

/** The kernel takes `-` and `_` in names of modules for the same. */
function nameOf(file: string): string {
  return basename(file, '.ko').replaceAll('-', '_');
}

/** These modules and all that they need, in the order in which they can be loaded. One that is built in has no file. */
export function withDependencies({ modules }: Kernel, names: readonly string[]): string[] {
  const ordered: string[] = [];
  const visit = (name: string): void => {
    const path = modules.get(name.replaceAll('-', '_'));
    if (path === undefined || ordered.includes(path)) return;
    const needed = /\0depends=([^\0]*)\0/.exec(readFileSync(path, 'latin1'))?.[1] ?? '';
    for (const other of needed.split(',').filter(Boolean)) visit(other);
    ordered.push(path);
  };
  for (const name of names) visit(name);
  return ordered;
}
