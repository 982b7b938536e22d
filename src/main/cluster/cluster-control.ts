import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatTimeNs, type Clock } from '#base/clock.ts';
import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { NodeEngine } from '#container/engine/port.ts';
import type { ClusterControl, ClusterStatus, ClusterUpRequest, Restored, StoreRequest } from '#docker/edge/cluster-control.ts';
import type { OpenCluster } from './open-cluster.ts';

export interface ControlParts {
  readonly engine: NodeEngine;
  readonly root: string;
  readonly clock: Clock;
  readonly version: string;
  readonly log: (line: string) => void;
}

const RETRY_MS = 2000;

/** The cluster of a daemon: none until somebody asks for it, and there again when the daemon comes back. */
export class DaemonCluster implements ClusterControl {
  readonly #parts: ControlParts;
  readonly #note: string;
  #open: { readonly cluster: OpenCluster; readonly kubeconfig: string } | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.#note = join(parts.root, 'up.json');
  }

  /** Brings back the cluster that was up when the daemon last ended; a store elsewhere may come up later than we do. */
  async resume(): Promise<void> {
    for (let last = ''; existsSync(this.#note) && this.#open === undefined && !this.#isClosed; await delay(RETRY_MS, undefined, { ref: false })) {
      try {
        await this.up(JSON.parse(readFileSync(this.#note, 'utf8')) as ClusterUpRequest);
      } catch (thrown) {
        const message = `the cluster could not be opened: ${messageOf(thrown)}`;
        if (message !== last) this.#parts.log(message);
        last = message;
        if (!isKind(thrown, 'unavailable')) return;
      }
    }
  }

  status(): ClusterStatus {
    const { cluster } = this.#open ?? {};
    return { running: cluster !== undefined, server: cluster?.server ?? '', node: cluster?.node ?? '', version: this.#parts.version };
  }

  async up(request: ClusterUpRequest): Promise<ClusterStatus> {
    return await this.#oneAtATime(async () => {
      if (this.#open !== undefined) return this.status();
      await mkdir(this.#parts.root, { recursive: true, mode: 0o700 });
      const [{ openCluster }, { renderKubeconfig }, { finishRestore }] = await Promise.all([import('./open-cluster.ts'), import('./kubeconfig.ts'), import('./backup.ts')]);
      await finishRestore(this.#parts.root);
      const wasUp = existsSync(this.#note);
      const cluster = await openCluster({ ...this.#parts, ...request }).catch(async (thrown: unknown) => {
        // What was up before keeps its pods and the way to them, and comes back with the next try.
        if (!wasUp) await this.#withdraw();
        throw thrown;
      });
      this.#open = { cluster, kubeconfig: renderKubeconfig(cluster.server, cluster.pki) };
      writeFileSync(this.#note, JSON.stringify(request), { mode: 0o600 });
      return this.status();
    });
  }

  async down({ erase }: { readonly erase: boolean }): Promise<void> {
    await this.#oneAtATime(async () => {
      await this.#open?.cluster.close();
      this.#open = undefined;
      await rm(this.#note, { force: true });
      await this.#withdraw();
      if (!erase) return;
      await (await import('./open-store.ts')).eraseStorage(this.#parts.root, this.#parts.log);
      await rm(this.#parts.root, { recursive: true, force: true });
    });
  }

  /** What a cluster made on this machine goes: services and pods. */
  async #withdraw(): Promise<void> {
    const { engine, log, root } = this.#parts;
    await engine.services.remove();
    await engine.policies.remove();
    for (const { spec } of engine.containers.list()) {
      if (spec.owner.front === 'cluster') await engine.containers.remove(spec.id, { force: true, volumes: true }).catch((thrown: unknown) => log(`${spec.name}: ${messageOf(thrown)}`));
    }
    // Volumes in memory.
    (await import('#container/host/edge/volume-mounts.ts')).unmountBelow(join(root, 'pods'));
  }

  /** The daemon ends; pods go on, as containers do. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#open?.cluster.close();
  }

  kubeconfig(): string {
    if (this.#open === undefined) throw new GantryError('conflict', 'no cluster runs here', { hint: 'start one: gantry cluster up' });
    return this.#open.kubeconfig;
  }

  async why(namespace: string, pod: string): Promise<JsonObject> {
    if (this.#open === undefined) throw new GantryError('conflict', 'no cluster runs here', { hint: 'start one: gantry cluster up' });
    return await this.#open.cluster.why(namespace, pod);
  }

  async backup(hasVolumes: boolean): Promise<AsyncIterable<Uint8Array>> {
    if (this.#open === undefined) throw new GantryError('conflict', 'no cluster runs here', { hint: 'start it: gantry cluster up' });
    const { backupCluster } = await import('./backup.ts');
    const { root, clock, version } = this.#parts;
    return await backupCluster(this.#open.cluster.store, root, { createdAt: formatTimeNs(clock.nowNs()), gantry: version }, hasVolumes);
  }

  async restore(backup: AsyncIterable<Uint8Array>, storage: StoreRequest | undefined): Promise<Restored> {
    return await this.#oneAtATime(async () => {
      if (this.#open !== undefined) throw new GantryError('conflict', 'a cluster runs here', { hint: 'end it first: gantry cluster down' });
      const { root, log } = this.#parts;
      await mkdir(root, { recursive: true, mode: 0o700 });
      const { restoreCluster } = await import('./backup.ts');
      return await restoreCluster(backup, { root, storage, log });
    });
  }

  async #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#busy.then(work, work);
    this.#busy = mine.catch(() => {});
    return await mine;
  }
}
