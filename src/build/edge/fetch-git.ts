import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { OperationOf } from '../solver/operation.ts';
import type { Execution } from '../solver/solver.ts';
import type { ExecutorPorts } from './step-executor.ts';

type GitOperation = Pick<OperationOf<'git'>, 'remote' | 'ref' | 'subdirectory' | 'checksum' | 'keepsGitDirectory' | 'submodules'>;

/** Every transport but these can run programs or read the host's files (CVE-2019-13139, `ext::`, `file://`). */
const TRANSPORTS = ['https', 'http', 'ssh', 'git'];
const REF = /^(?!-)[A-Za-z0-9][A-Za-z0-9._/@+~^{}-]*$/;

/** A remote that can only be a place to fetch from, never an option or a program. Throws `invalid`. */
export function checkGit({ remote, ref, subdirectory }: Pick<GitOperation, 'remote' | 'ref' | 'subdirectory'>): void {
  const isUrl = TRANSPORTS.some((transport) => remote.startsWith(`${transport}://`)) && !/[\s\0]/.test(remote) && !/^[a-z]+:\/\/(?:[^/@]*@)?-/.test(remote);
  const isScp = /^[A-Za-z0-9_.]+@(?!-)[A-Za-z0-9.-]+:(?!-)[^\s\0]+$/.test(remote);
  if (!isUrl && !isScp) throw new GantryError('invalid', `git source ${JSON.stringify(remote)} is refused: only ${TRANSPORTS.join(', ')} are fetched`);
  if (ref !== '' && (!REF.test(ref) || ref.includes('..'))) throw new GantryError('invalid', `invalid git ref: ${JSON.stringify(ref)}`);
  if (subdirectory.split('/').includes('..') || subdirectory.includes('\0')) throw new GantryError('invalid', `git subdirectory ${JSON.stringify(subdirectory)} leads out of the repository`);
}

/** One commit of a repository, as a directory. */
export async function fetchGit(op: GitOperation, { contexts, trees }: Pick<ExecutorPorts, 'contexts' | 'trees'>, { signal, log }: Pick<Execution, 'signal' | 'log'>): Promise<{ readonly path: string; readonly release: () => void }> {
  checkGit(op);
  const place = await contexts.scratch();
  const git = async (...args: readonly string[]): Promise<string> => await runGit(place.path, args, { signal, log });
  try {
    await git('init', '-q', '.');
    await git('remote', 'add', 'origin', op.remote);
    const wanted = op.ref === '' ? 'HEAD' : op.ref;
    await git('fetch', '-q', '--depth=1', '--no-tags', 'origin', '--', wanted).catch(async () => await git('fetch', '-q', '--tags', 'origin'));
    const commit = (await git('rev-parse', '--verify', '-q', 'FETCH_HEAD^{commit}').catch(async () => await git('rev-parse', '--verify', '-q', `${wanted}^{commit}`))).trim();
    if (op.checksum !== undefined && !commit.startsWith(op.checksum)) throw new GantryError('invalid', `expected checksum to match ${op.checksum}, got ${commit}`);
    await git('checkout', '-q', '--detach', commit);
    if (op.submodules) await git('submodule', 'update', '-q', '--init', '--recursive', '--depth=1');
    if (!op.keepsGitDirectory) await rm(join(place.path, '.git'), { recursive: true, force: true });
    const below = op.subdirectory.replace(/^\/+|\/+$/g, '');
    if (below === '' || below === '.') return place;
    // A link that the repository has in this place leads nowhere but inside it.
    const real = await trees.realPath({ kind: 'directory', path: place.path }, below);
    if (real === undefined) throw new GantryError('invalid', `subdir not found ${op.subdirectory}`);
    return { path: join(place.path, real), release: () => place.release() };
  } catch (thrown) {
    place.release();
    throw thrown;
  }
}

async function runGit(directory: string, args: readonly string[], { signal, log }: Pick<Execution, 'signal' | 'log'>): Promise<string> {
  const safe = ['-c', 'protocol.allow=never', ...TRANSPORTS.flatMap((transport) => ['-c', `protocol.${transport}.allow=always`]), '-c', 'core.hooksPath=/dev/null', '-c', 'core.symlinks=true', '-c', 'advice.detachedHead=false', '-c', 'init.defaultBranch=main'];
  const child = spawn('git', [...safe, ...args], {
    cwd: directory, signal, stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the daemon's own settings or credentials.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', HOME: '/nonexistent', GIT_DIR: `${directory}/.git`, GIT_WORK_TREE: directory },
  });
  const failed = new Promise<never>((_, reject) => child.once('error', (cause) => reject(new GantryError('unavailable', `git could not be run: ${cause.message}`, { hint: 'install git', cause }))));
  failed.catch(() => undefined);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { if (output.length < 1 << 16) output += text; });
  let complaints = '';
  child.stderr.on('data', (bytes: Buffer) => {
    if (complaints.length < 1 << 14) complaints += bytes.toString('utf8');
    log({ stream: 2, bytes });
  });
  const [code] = await Promise.race([once(child, 'close'), failed]) as [number | null];
  if (code !== 0) throw new GantryError('invalid', `git ${args[0]} failed: ${complaints.trim()}`);
  return output;
}
