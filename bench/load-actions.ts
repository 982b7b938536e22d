import { readAll, type ApiClient } from './api-client.ts';
import { remove } from './api-actions.ts';

/** Does all of them, so many at a time. */
export async function atATime(width: number, count: number, act: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: width }, async () => {
    while (left-- > 0) await act();
  }));
}

/** What `docker run -d` asks of the engine; answers with the id. */
export async function startOne({ call }: ApiClient, image: string, network: string): Promise<string> {
  const { Id: id } = await call('POST', '/containers/create', { Image: image, Cmd: ['sleep', '1000000'], HostConfig: { NetworkMode: network } }) as { Id: string };
  await call('POST', `/containers/${id}/start`);
  return id;
}

/** Containers that exist and do not run: what a list shows is the same. */
export async function createMany({ call }: ApiClient, image: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  await atATime(4, count, async () => {
    const { Id: id } = await call('POST', '/containers/create', { Image: image, Cmd: ['sleep', '1'], Labels: { made: 'here', by: 'bench' }, HostConfig: { NetworkMode: 'none' } }) as { Id: string };
    ids.push(id);
  });
  return ids;
}

/** A container that has written so many lines and ended; answers with its id. */
export async function wroteLines({ call, open }: ApiClient, image: string, lines: number): Promise<string> {
  const { Id: id } = await call('POST', '/containers/create', { Image: image, Cmd: ['/bin/busybox', 'seq', '1000000', String(1_000_000 + lines - 1)], HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'json-file', Config: { 'max-size': '100m' } } } }) as { Id: string };
  await call('POST', `/containers/${id}/start`);
  await readAll(await open('POST', `/containers/${id}/wait`));
  return id;
}

export async function removeAll(client: ApiClient, ids: readonly string[]): Promise<void> {
  const left = [...ids];
  await atATime(4, left.length, async () => {
    const id = left.pop();
    if (id !== undefined) await remove(client, id);
  });
}
