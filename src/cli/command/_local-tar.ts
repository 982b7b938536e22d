import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { GantryError } from '#base/error.ts';

/** Renames the first part of the names in an archive. */
export interface Rebase {
  readonly from: string;
  readonly to: string;
}

/** A tar archive of `name` in `directory`, made by the machine's tar. `followLinks` archives what links point to. */
export async function* archiveOf(directory: string, name: string, rebase: Rebase, followLinks: boolean): AsyncGenerator<Uint8Array, void, undefined> {
  const dereference = followLinks ? ['--dereference'] : [];
  const child = spawn('tar', ['-C', directory, '-cf', '-', '--numeric-owner', ...dereference, ...rebaseOption(rebase), '--', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const failure = collectError(child);
  for await (const bytes of child.stdout) yield bytes as Uint8Array;
  await finish(child, failure);
}

/** Unpacks an archive into a directory that exists. Owners are kept only with `keepOwners`. */
export async function unpackInto(directory: string, archive: AsyncIterable<Uint8Array>, rebase: Rebase, keepOwners: boolean): Promise<void> {
  const owners = keepOwners ? '--same-owner' : '--no-same-owner';
  const child = spawn('tar', ['-C', directory, '-xf', '-', '--numeric-owner', owners, '--no-overwrite-dir', ...rebaseOption(rebase)], { stdio: ['pipe', 'ignore', 'pipe'] });
  const failure = collectError(child);
  child.stdin.on('error', () => undefined);
  for await (const bytes of archive) {
    if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain'), once(child, 'close')]);
  }
  child.stdin.end();
  await finish(child, failure);
}

/** Only the head of a name changes, and of hard links; the targets of symbolic links (flag S) stay. */
function rebaseOption({ from, to }: Rebase): readonly string[] {
  if (from === to) return [];
  const pattern = from.replaceAll(/[\\^$.*[\]|&/]/g, '\\$&');
  const replacement = to.replaceAll(/[\\&|]/g, '\\$&');
  return [`--transform=flags=rhS;s|^\\(\\./\\)\\?${pattern}\\(/\\|$\\)|${replacement}\\2|`];
}

function collectError(child: ChildProcess): { text: string } {
  const failure = { text: '' };
  child.stderr?.on('data', (bytes: Uint8Array) => {
    failure.text += String(bytes);
  });
  child.on('error', (error) => {
    failure.text = `tar could not be started: ${error.message}`;
  });
  return failure;
}

async function finish(child: ChildProcess, failure: { readonly text: string }): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close').catch(() => undefined);
  if (child.exitCode !== 0) throw new GantryError('internal', failure.text.trim() || 'tar failed without a reason');
}
