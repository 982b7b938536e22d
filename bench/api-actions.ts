import { parse, readAll, type ApiClient } from './api-client.ts';

/** What `docker run --rm --network NETWORK IMAGE true` asks of the engine, up to the removal. */
export async function runTrue({ call, open }: ApiClient, image: string, network: string): Promise<void> {
  const { Id: id } = await call('POST', '/containers/create', {
    Image: image, Cmd: ['true'], HostConfig: { AutoRemove: true, NetworkMode: network },
  }) as { Id: string };
  // The head of the response says that the wait is registered; its body comes with the removal.
  const removal = await open('POST', `/containers/${id}/wait?condition=removed`);
  await call('POST', `/containers/${id}/start`);
  const { StatusCode: status } = parse(await readAll(removal)) as { StatusCode: number };
  if (status !== 0) throw new Error(`true ended with ${status} in a container on ${network}`);
}

/** What `docker exec CONTAINER true` asks of the engine. */
export async function execTrue({ call, open }: ApiClient, container: string): Promise<void> {
  const { Id: id } = await call('POST', `/containers/${container}/exec`, { Cmd: ['true'], AttachStdout: true, AttachStderr: true }) as { Id: string };
  await readAll(await open('POST', `/exec/${id}/start`, { Detach: false, Tty: false }));
  // The end of the output is not yet the end of the process, so the engine is asked until it knows.
  let state: { Running: boolean; ExitCode: number | null };
  do state = await call('GET', `/exec/${id}/json`) as typeof state; while (state.Running);
  if (state.ExitCode !== 0) throw new Error(`true ended with ${state.ExitCode} as an exec`);
}

/** Starts a container that does nothing, and answers with its id. */
export async function startIdle({ call }: ApiClient, image: string): Promise<string> {
  const { Id: id } = await call('POST', '/containers/create', { Image: image, Cmd: ['sleep', '1000000'], HostConfig: { NetworkMode: 'none' } }) as { Id: string };
  await call('POST', `/containers/${id}/start`);
  return id;
}

export async function remove({ call }: ApiClient, container: string): Promise<void> {
  await call('DELETE', `/containers/${container}?force=1`);
}
