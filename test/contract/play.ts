import type { Exchanged } from './check-exchange.ts';
import { ContractClient } from './client.ts';
import { playContainers } from './script/containers.ts';
import { playExecs } from './script/execs.ts';
import { playImages } from './script/images.ts';
import { playNetworks } from './script/networks.ts';
import type { Scene } from './script/scene.ts';
import { playRefused, playSystem } from './script/system.ts';
import { playVolumes } from './script/volumes.ts';

/** What was asked of one engine, in order, and what it answered. */
export interface Played {
  readonly scene: Omit<Scene, 'api'>;
  readonly exchanges: readonly Exchanged[];
}

/** Every operation of the description, with the answers that it has in common life and when something is wrong. Leaves nothing behind. */
export async function playEverything(socket: string, scene: Omit<Scene, 'api'>): Promise<Played> {
  const exchanges: Exchanged[] = [];
  const since = Math.floor(Date.now() / 1000);
  const whole: Scene = { ...scene, api: new ContractClient(socket, (exchanged) => void exchanges.push(exchanged)) };
  const [repo, tag] = scene.image.split(':');
  try {
    await whole.api.call('POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}&changes=${encodeURIComponent('CMD ["sh"]')}&changes=${encodeURIComponent('LABEL made=here')}`, { body: scene.archive });
    await playContainers(whole);
    await playExecs(whole);
    await playImages(whole);
    await playNetworks(whole);
    await playVolumes(whole);
    await playRefused(whole);
    await playSystem(whole, since);
  } finally {
    await cleanUp({ ...whole, api: new ContractClient(socket, () => undefined) });
  }
  return { scene, exchanges };
}

async function cleanUp({ api, prefix, image }: Scene): Promise<void> {
  const containers = Object.values(await api.json('GET', '/containers/json?all=1')) as { Id: string; Names: string[] }[];
  for (const { Id } of containers.filter(({ Names }) => Names.some((name) => name.startsWith(`/${prefix}`)))) await api.call('DELETE', `/containers/${Id}?force=1&v=1`);
  const { Volumes } = await api.json('GET', '/volumes') as { Volumes?: { Name: string }[] };
  for (const { Name } of (Volumes ?? []).filter(({ Name }) => Name.startsWith(prefix))) await api.call('DELETE', `/volumes/${Name}`);
  const networks = Object.values(await api.json('GET', '/networks')) as { Id: string; Name: string }[];
  for (const { Id } of networks.filter(({ Name }) => Name.startsWith(prefix))) await api.call('DELETE', `/networks/${Id}`);
  const images = Object.values(await api.json('GET', '/images/json')) as { RepoTags: string[] | null }[];
  for (const tag of images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith(prefix) || tag === image)) await api.call('DELETE', `/images/${tag}?force=1`);
}
