import type { Protocol } from '#container/model/port-binding.ts';
import type { SandboxNetwork, StepOf } from '../step.ts';
import { DockerUserChain, withdraw } from './docker-user.ts';
import { FamilyRelays } from './family-relays.ts';
import { runFirewallThread } from './firewall-thread.ts';
import { FirewallWatch } from './firewall-watch.ts';
import { subnetsOfOthers } from './foreign-firewalls.ts';
import type { HostContext } from './host-context.ts';
import type { NftSession } from './linux/nftables.ts';
import { PortReservations } from './port-reservations.ts';
import { forgetDatagrams, publishCommands, unpublishCommands } from './published-elements.ts';

/** Some 1,500 elements, a few milliseconds. */
const LARGEST_IN_THE_LOOP = 65_536;

/** The host's ports and its firewall: who may have which port, and where the kernel sends what arrives there. */
export class HostFirewall {
  readonly #table: string;
  readonly #nftables: NftSession;
  readonly #dockerUser: DockerUserChain;
  readonly #relays: FamilyRelays;
  readonly #ports = new PortReservations();
  #watch: FirewallWatch | undefined;

  constructor(context: Pick<HostContext, 'table' | 'networkFd'>, nftables: NftSession, log: (line: string) => void) {
    this.#table = context.table;
    this.#nftables = nftables;
    this.#dockerUser = new DockerUserChain(nftables);
    this.#relays = new FamilyRelays(context.networkFd, log);
  }

  /** @param namespace path of the sandbox's network namespace */
  async publish(step: StepOf<'publish'>, namespace: string): Promise<void> {
    this.#ports.take(step.sandbox, step.endpoints, step.ports);
    await this.apply(publishCommands(this.#table, step));
    forgetDatagrams(step);
    this.#relays.open(step, namespace, { isNew: step.process === undefined });
  }

  async unpublish(step: StepOf<'unpublish'>): Promise<void> {
    this.#relays.close(step.sandbox);
    if (step.keepsPorts === true) this.#ports.rest(step.sandbox);
    else this.#ports.release(step.sandbox);
    await this.withdraw(unpublishCommands(this.#table, step));
    forgetDatagrams(step);
  }

  /** What is forwarded to the sandbox from here ends with it. */
  close(sandbox: string): void {
    this.#relays.close(sandbox);
  }

  async apply(commands: string): Promise<void> {
    if (commands.length < LARGEST_IN_THE_LOOP) this.#nftables.run(commands);
    else await runFirewallThread(commands);
    this.#watch?.changedByUs();
  }

  /** A single element that is missing fails, and so keeps, all of a transaction: then each half is tried by itself. */
  async withdraw(commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    try {
      await this.apply(commands.join(''));
    } catch {
      if (commands.length === 1 || !this.#nftables.run('list tables inet').split('\n').includes(`table inet ${this.#table}`)) return;
      const middle = Math.ceil(commands.length / 2);
      await this.withdraw(commands.slice(0, middle));
      await this.withdraw(commands.slice(middle));
    }
  }

  onLost(callback: (cause: string) => void): void {
    this.#watch?.close();
    this.#watch = new FirewallWatch(this.#nftables, this.#table, callback);
  }

  /** Where Docker is on the host, the bridges of a sandbox are let through its chain. */
  admit({ links }: SandboxNetwork): void {
    for (const { below } of links) if (below.kind === 'bridge') this.admitBridge(below.name);
  }

  admitBridge(bridge: string): void {
    this.#dockerUser.admit(bridge);
  }

  forgetBridge(bridge: string): void {
    withdraw(this.#nftables, bridge);
  }

  /** Subnets of other engines on this host. */
  subnetsOfOthers(): readonly string[] {
    return subnetsOfOthers(this.#nftables, this.#table);
  }

  /** A port of all addresses; false where another program has it. */
  hold(owner: string, protocol: Protocol, port: number): boolean {
    try {
      this.#ports.take(owner, [], [{ protocol, hostAddress: '0.0.0.0', hostPort: port, containerPort: port }]);
      return true;
    } catch {
      return false;
    }
  }

  release(owner: string): void {
    this.#ports.release(owner);
  }

  findFree(protocol: Protocol, addresses: readonly string[], from: number, to: number): number {
    return this.#ports.findFree(protocol, addresses, from, to);
  }
}
