import { GantryError } from '#base/error.ts';
import { overlaps, parseCidr } from '#net/cidr.ts';
import { renderRemoval } from '#net/firewall/render-table.ts';
import type { Frontend } from '#net/service/model.ts';
import { renderChange, ServiceTable, type TableChange } from '#net/service/service-table.ts';
import { serviceTableOf, type Layout } from './layout.ts';
import type { RefusedPorts, ServicesPort } from './port.ts';
import type { EnginePorts } from './ports.ts';

const PIECES_AT_A_TIME = 4;

/** Keeps the kernel's table of services as it is asked for. One change at a time, in the order in which they were asked for. */
export class Services implements ServicesPort {
  readonly #host: EnginePorts['host'];
  readonly #layout: Layout;
  readonly #log: EnginePorts['log'];
  readonly #timers: EnginePorts['timers'];
  /** Ports of the host by owner, as `30080/tcp`. */
  readonly #held = new Map<string, Set<string>>();
  #table = new ServiceTable();
  #range: string | undefined;
  /** A range may be taken and nothing in it served. */
  #claimed: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ host, layout, log, timers }: Pick<EnginePorts, 'host' | 'layout' | 'log' | 'timers'>) {
    this.#timers = timers;
    this.#host = host;
    this.#layout = layout;
    this.#log = log;
  }

  async claim(range: string): Promise<void> {
    const wanted = parseCidr(range);
    // Its own route is no obstacle: another's of just this range is told by the kernel.
    const obstacle = (await this.#host.usedSubnets()).find((used) => used !== range && isIn(used, range, wanted.family));
    if (obstacle !== undefined) throw new GantryError('conflict', `the range ${range} for services overlaps ${obstacle}, which this host uses`, { hint: 'name another range' });
    await this.#host.claimRange(range, this.#layout.bridge);
    this.#claimed = range;
  }

  async replace(range: string, all: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts> {
    return await this.#inTurn(async () => {
      this.#table = new ServiceTable();
      const refused = new Map<string, readonly string[]>();
      for (const owner of this.#held.keys()) if (!all.has(owner)) await this.#reachable(owner, [], refused);
      const reachable = new Map<string, readonly Frontend[]>();
      for (const [owner, frontends] of all) reachable.set(owner, await this.#reachable(owner, frontends, refused));
      this.#table.load(reachable);
      this.#range = range;
      await this.#applyAll();
      return refused;
    });
  }

  async put(changes: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts> {
    return await this.#inTurn(async () => {
      const made: TableChange[] = [];
      const refused = new Map<string, readonly string[]>();
      for (const [owner, frontends] of changes) made.push(this.#table.put(owner, await this.#reachable(owner, frontends, refused)));
      const commands = made.map((change) => renderChange(serviceTableOf(this.#layout), change)).join('');
      if (commands === '') return refused;
      await this.#host.applyFirewall(commands).catch(async (thrown: unknown) => {
        this.#log(`the table of services is made anew: ${String(thrown)}`);
        await this.#applyAll();
      });
      const stale = made.flatMap((change) => change.stale);
      if (stale.length > 0) await this.#host.forgetDatagrams(stale);
      return refused;
    });
  }

  async remove(): Promise<void> {
    await this.#inTurn(async () => {
      const range = this.#claimed;
      [this.#range, this.#claimed] = [undefined, undefined];
      this.#table = new ServiceTable();
      for (const owner of this.#held.keys()) await this.#reachable(owner, [], new Map());
      await this.#host.applyFirewall(renderRemoval(serviceTableOf(this.#layout)));
      if (range !== undefined) await this.#host.releaseRange(range, this.#layout.bridge);
    });
  }

  /** After others took tables away. */
  async restore(): Promise<void> {
    await this.#inTurn(() => this.#applyAll());
  }

  /** Ports of the host are held as published ones are: a program or a container that has one keeps it, and the service does without. */
  async #reachable(owner: string, frontends: readonly Frontend[], refusals: Map<string, readonly string[]>): Promise<readonly Frontend[]> {
    const held = this.#held.get(owner) ?? new Set<string>();
    const isHere = (frontend: Frontend): boolean => frontend.address === undefined;
    const wanted = new Set(frontends.filter(isHere).map(holdOf));
    for (const hold of [...held]) {
      if (wanted.has(hold)) continue;
      held.delete(hold);
      await this.#host.releasePort(`${owner} ${hold}`);
    }
    const refused = new Set<string>();
    for (const frontend of frontends.filter(isHere)) {
      const hold = holdOf(frontend);
      if (held.has(hold)) continue;
      if (await this.#host.holdPort(`${owner} ${hold}`, frontend.protocol, frontend.port)) held.add(hold);
      else refused.add(hold);
    }
    if (held.size === 0) this.#held.delete(owner);
    else this.#held.set(owner, held);
    if (refused.size === 0) return frontends;
    refusals.set(owner, [...refused]);
    return frontends.filter((frontend) => !isHere(frontend) || !refused.has(holdOf(frontend)));
  }

  async #applyAll(): Promise<void> {
    if (this.#range === undefined) return;
    const pieces: string[] = [];
    for (const piece of this.#table.renderAll(serviceTableOf(this.#layout), this.#range)) {
      pieces.push(piece);
      // Of thousands of services: others have their turn between two pieces.
      if (pieces.length % PIECES_AT_A_TIME === 0) await new Promise<void>((resolve) => void this.#timers.after(0, resolve));
    }
    await this.#host.applyFirewall(pieces.join(''));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}

const holdOf = ({ protocol, port }: Frontend): string => `${port}/${protocol}`;

function isIn(used: string, range: string, family: 4 | 6): boolean {
  if (used.includes(':') !== (family === 6)) return false;
  const [address = '', prefix = ''] = used.split('/');
  try {
    return overlaps(parseCidr(`${address}/${prefix}`), parseCidr(range));
  } catch {
    // The address of a link, whose subnet has a route of its own.
    return false;
  }
}
