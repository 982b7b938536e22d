import { GantryError } from '#base/error.ts';
import { asObject } from '../lower/create-request.ts';
import type { Hook } from '../model/service-kind.ts';
import { pathPart, type DockerApi } from '../plan/docker-api.ts';
import { demultiplexed } from './logs.ts';

/** Runs a hook's command in a container. Throws with its output when it fails. */
export async function runHook(api: DockerApi, container: string, hook: Hook): Promise<void> {
  const { Id } = await api.json<{ readonly Id: string }>('POST', `/containers/${pathPart(container)}/exec`, { json: {
    Cmd: hook.command ?? [], User: hook.user ?? '', Privileged: hook.privileged ?? false, WorkingDir: hook.working_dir ?? '',
    Env: [...(hook.environment ?? [])].map(([key, value]) => (value === null ? key : `${key}=${value}`)), AttachStdout: true, AttachStderr: true,
  } });
  const decoder = new TextDecoder();
  let output = '';
  for await (const { bytes } of demultiplexed(api.stream('POST', `/exec/${Id}/start`, { json: asObject<boolean>([['Detach', false], ['Tty', false]]) }))) output += decoder.decode(bytes, { stream: true });
  const { ExitCode } = await api.json<{ readonly ExitCode: number | null }>('GET', `/exec/${Id}/json`);
  if (ExitCode !== 0) throw new GantryError('unavailable', `hook ${(hook.command ?? []).join(' ')} exited with status code ${ExitCode ?? 'unknown'}${output === '' ? '' : `:\n${output.trimEnd()}`}`);
}
