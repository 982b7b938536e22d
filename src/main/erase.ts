import { readFile, rm } from 'node:fs/promises';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { GantryError } from '#base/error.ts';
import { layoutOf } from '#container/engine/layout.ts';
import { removeBridge } from '#container/host/edge/bridge.ts';
import { withdraw } from '#container/host/edge/docker-user.ts';
import { removeCgroup } from '#container/host/edge/linux/cgroup-remove.ts';
import { readCgroupLayout } from '#container/host/edge/linux/cgroup-layout.ts';
import { openNft } from '#container/host/edge/linux/nftables.ts';
import { onProcessExit, signalProcess } from '#container/host/edge/linux/processes.ts';
import { renderRemoval } from '#net/firewall/render-nft.ts';
import { identityOf } from '#container/host/edge/found-processes.ts';
import type { ProcessRef } from '#container/model/container-state.ts';

const END_MS = 10_000;

/** Ends a daemon that holds nothing any more, and deletes what it keeps on disk and in the kernel. */
export async function erase(place: { readonly root: string; readonly run: string }): Promise<void> {
  const layout = layoutOf(place.root, place.run, new SystemHasher());
  await endDaemon(place.run);
  const nftables = openNft();
  nftables.run(renderRemoval(layout.table));
  withdraw(nftables, layout.bridge);
  removeBridge(layout.bridge);
  const cgroups = readCgroupLayout();
  if (cgroups !== undefined) await removeCgroup(cgroups, layout.cgroup);
  await rm(place.run, { recursive: true, force: true });
  await rm(place.root, { recursive: true, force: true });
}

async function endDaemon(run: string): Promise<void> {
  const text = await readFile(`${run}/daemon.json`, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const daemon = JSON.parse(text) as ProcessRef;
  if (!signalProcess(identityOf(daemon), 15)) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  onProcessExit(identityOf(daemon), resolve);
  const timer = setTimeout(() => reject(new GantryError('unavailable', `the daemon (process ${daemon.pid}) does not end`, { hint: `see its log: ${run}/daemon.log` })), END_MS);
  await promise;
  clearTimeout(timer);
}
