import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { GantryError } from '#base/error.ts';
import { mount, type MountRequest } from './linux/mounts.ts';
import { errnoOf } from './linux/system-error.ts';

/**
 * mount(2) in a process that ends with it, in the mount namespace of the caller: a server that does not answer can hold it up for minutes.
 * A thread would not do, since a daemon that stops would have to wait for it. Answers with the name of the error, or with nothing.
 */
export async function mountInProcess(request: MountRequest): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', import.meta.filename], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => void child.once('error', reject).once('close', resolve));
  // Not among the arguments, which everybody on the machine can read: options may hold a password.
  child.stdin.on('error', () => undefined).end(JSON.stringify(request));
  const [code, said] = await Promise.all([ended, text(child.stdout)]);
  if (code !== 0) throw new GantryError('internal', `the process that mounts ${request.target} ended with ${code}`);
  return said === '' ? undefined : said;
}

if (import.meta.main) {
  try {
    mount(JSON.parse(await text(process.stdin)) as MountRequest);
  } catch (thrown) {
    process.stdout.write(errnoOf(thrown) ?? String(thrown));
  }
}
