import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inside } from './namespace.ts';

/**
 * Brings the machine's docker client to where the measuring process sees it, and answers with its path there, or
 * with the name of the side root's when none is given. One that is not linked statically takes its libraries from
 * the side root.
 */
export function placeClient({ client, state }: { readonly client?: string; readonly state: string }): string {
  if (client === undefined) return 'docker';
  const folder = join(state, 'client');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    copyFileSync(client, join(folder, 'docker'));
  } catch (error) {
    throw new Error(`--client takes the path of a docker program: ${(error as Error).message}`, { cause: error });
  }
  chmodSync(join(folder, 'docker'), 0o755);
  return `${inside.state}/client/docker`;
}
