import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { GantryError } from '#base/error.ts';
import { layoutOf, policyTableOf, serviceTableOf } from '#container/engine/layout.ts';
import { removeBridge } from '#container/host/edge/bridge.ts';
import { withdraw } from '#container/host/edge/docker-user.ts';
import { removeCgroup } from '#container/host/edge/linux/cgroup-remove.ts';
import { readCgroupLayout } from '#container/host/edge/linux/cgroup-layout.ts';
import { openNft } from '#container/host/edge/linux/nftables.ts';
import { onProcessExit, signalProcess } from '#container/host/edge/linux/processes.ts';
import { renderRemoval } from '#net/firewall/render-table.ts';
import { identityOf } from '#container/host/edge/found-processes.ts';
import type { Network } from '#container/model/network.ts';
import { openSqliteStore } from '#store/edge/sqlite.ts';
import type { ProcessRef } from '#container/model/container-state.ts';

const END_MS = 10_000;

/** Ends a daemon that holds nothing any more, and deletes what it keeps on disk and in the kernel. */
export async function erase(place: { readonly root: string; readonly run: string }): Promise<void> {
  const layout = layoutOf(place.root, place.run, new SystemHasher());
  await endDaemon(place.run);
  const nftables = openNft();
  for (const table of [layout.table, serviceTableOf(layout), policyTableOf(layout)]) nftables.run(renderRemoval(table));
  for (const bridge of await bridgesOf(place.root, layout.bridge)) {
    withdraw(nftables, bridge);
    removeBridge(bridge);
  }
  const cgroups = readCgroupLayout();
  if (cgroups !== undefined) await removeCgroup(cgroups, layout.cgroup);
  await rm(place.run, { recursive: true, force: true });
  await rm(place.root, { recursive: true, force: true });
}

/** Those of its networks are known from its state alone: their names come from ids. */
async function bridgesOf(root: string, ofDefault: string): Promise<readonly string[]> {
  if (!existsSync(`${root}/state.db`)) return [ofDefault];
  const { store } = await openSqliteStore(`${root}/state.db`);
  try {
    const networks = (await store.list('network/')).entries.map(({ value }) => JSON.parse(value) as Network);
    return [...new Set([ofDefault, ...networks.flatMap(({ bridge }) => bridge ?? [])])];
  } finally {
    await store.close();
  }
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
