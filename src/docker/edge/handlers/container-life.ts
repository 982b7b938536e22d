import { Cancellation } from '#base/cancellation.ts';
import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Container } from '#container/model/container.ts';
import { Filters } from '../../filters.ts';
import { frontOf } from '../../front.ts';
import { parseLink } from '../../lower/endpoints.ts';
import { lowerUpdate } from '../../lower/update.ts';
import { isUp } from '../../render/container-state.ts';
import { HOST_CONFIG } from '../../wire/host-config.ts';
import { parseMomentNs } from '../../timestamp.ts';
import type { Exchange } from '../exchange.ts';

/** A container of another front is shown here, and changed there. */
export function ownContainer(exchange: Exchange): Container {
  const container = exchange.engine.containers.find(exchange.name);
  const { owner, name } = container.spec;
  if (owner.front !== 'docker') {
    const keeper = owner.front === 'cluster' ? `pod ${owner.name}` : `build ${owner.name}`;
    throw new GantryError('conflict', `container ${name} belongs to ${keeper}, which would only bring it back`, owner.front === 'cluster' ? { hint: 'change it with kubectl' } : {});
  }
  return container;
}

/** Puts Docker's words before a refusal that does not have them yet, and that is like `which`. */
async function saying(words: string, act: () => Promise<void>, which = /^/): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    if (!(thrown instanceof GantryError) || thrown.kind === 'not-modified' || thrown.message.startsWith(words) || !which.test(thrown.message)) throw thrown;
    throw new GantryError(thrown.kind, `${words}${thrown.message}`, { cause: thrown, ...(thrown.hint === undefined ? {} : { hint: thrown.hint }) });
  }
}

export async function start(exchange: Exchange): Promise<void> {
  const { containers } = exchange.engine;
  // Started afresh it would seem to be restored.
  if (exchange.param('checkpoint') !== '') throw new GantryError('invalid', 'checkpoint is only supported in experimental mode', { hint: 'checkpoints are not offered: start the container without one' });
  const { spec } = ownContainer(exchange);
  await containers.start(spec.id);
  const [rows, columns] = frontOf(spec).hostConfig.ConsoleSize;
  // The client sends the size again once it has the terminal, so a start doesn't fail for it.
  if (spec.process.terminal && rows > 0 && columns > 0) await containers.resize(spec.id, rows, columns).catch(() => {});
  exchange.empty(204);
}

function stopOptions(exchange: Exchange): { signal?: string; timeoutSeconds?: number } {
  const seconds = exchange.integer('t');
  const signal = exchange.version >= 1042 ? exchange.param('signal') : '';
  return { ...(signal === '' ? {} : { signal }), ...(seconds === undefined ? {} : { timeoutSeconds: seconds }) };
}

export async function stop(exchange: Exchange): Promise<void> {
  const options = stopOptions(exchange);
  const { id } = ownContainer(exchange).spec;
  await saying(`cannot stop container: ${exchange.name}: `, () => exchange.engine.containers.stop(id, options));
  exchange.empty(204);
}

export async function restart(exchange: Exchange): Promise<void> {
  const options = stopOptions(exchange);
  const { id } = ownContainer(exchange).spec;
  await saying(`Cannot restart container ${exchange.name}: `, () => exchange.engine.containers.restart(id, options));
  exchange.empty(204);
}

export async function kill(exchange: Exchange): Promise<void> {
  await saying(`cannot kill container: ${exchange.name}: `, async () => {
    ownContainer(exchange);
    await exchange.engine.containers.kill(exchange.name, exchange.param('signal') || 'SIGKILL');
  });
  exchange.empty(204);
}

export async function pause(exchange: Exchange): Promise<void> {
  ownContainer(exchange);
  await exchange.engine.containers.pause(exchange.name);
  exchange.empty(204);
}

export async function unpause(exchange: Exchange): Promise<void> {
  ownContainer(exchange);
  await exchange.engine.containers.unpause(exchange.name);
  exchange.empty(204);
}

export async function rename(exchange: Exchange): Promise<void> {
  const name = exchange.param('name').replace(/^\//, '');
  if (name === '') throw new GantryError('invalid', 'Neither old nor new names may be empty');
  const { id } = ownContainer(exchange).spec;
  await saying('Error when allocating new name: ', () => exchange.engine.containers.rename(id, name), /^Conflict\. /);
  exchange.empty(204);
}

/** `POST /containers/{id}/update`. */
export async function update(exchange: Exchange): Promise<void> {
  const asked = HOST_CONFIG.decode((await exchange.body()) ?? {}, 'UpdateConfig');
  const container = ownContainer(exchange);
  const { update: change, warnings } = lowerUpdate(asked, container, exchange.engine.info.facts);
  await exchange.engine.containers.update(container.spec.id, change);
  exchange.json(200, { Warnings: warnings.length === 0 ? null : warnings });
}

export async function remove(exchange: Exchange): Promise<void> {
  if (exchange.flag('link')) {
    await unlink(exchange);
    return;
  }
  await exchange.engine.containers.remove(ownContainer(exchange).spec.id, { force: exchange.flag('force'), volumes: exchange.flag('v') });
  exchange.empty(204);
}

/** `NAME/ALIAS` is a link: that container's name for another one. */
async function unlink(exchange: Exchange): Promise<void> {
  const [, name, alias] = /^\/?([^/]+)\/([^/]+)$/.exec(exchange.name) ?? [];
  if (name === undefined || alias === undefined) {
    exchange.engine.containers.find(exchange.name);
    throw new GantryError('conflict', 'Conflict, cannot remove the default link name of the container', { hint: 'name a link of it: NAME/ALIAS' });
  }
  const { spec } = exchange.engine.containers.find(name);
  const front = frontOf(spec);
  const links = (front.hostConfig.Links ?? []).filter((link) => parseLink(link).alias !== alias);
  await exchange.engine.containers.unlink(spec.id, alias, { ...front, hostConfig: { ...front.hostConfig, Links: links } } as unknown as Json as JsonObject);
  exchange.empty(204);
}

/** Rows and columns of a terminal, both required. */
export function screenSize(exchange: Exchange): { readonly rows: number; readonly columns: number } {
  const read = (key: string, what: string): number => {
    const value = exchange.param(key);
    if (!/^\d+$/.test(value)) throw new GantryError('invalid', `invalid resize ${what} "${value}": ${/^-\d+$/.test(value) ? 'value out of range' : 'invalid syntax'}`);
    if (Number(value) > 0xffff_ffff) throw new GantryError('invalid', `invalid resize ${what} "${value}": value out of range`);
    return Number(value);
  };
  return { rows: read('h', 'height'), columns: read('w', 'width') };
}

export async function resize(exchange: Exchange): Promise<void> {
  const { rows, columns } = screenSize(exchange);
  await exchange.engine.containers.resize(exchange.name, rows, columns);
  exchange.empty(200);
}

const CONDITIONS = ['not-running', 'next-exit', 'removed'] as const;

/** `POST /containers/{id}/wait`: the headers say that the wait has begun, so a start may follow. */
export async function wait(exchange: Exchange): Promise<void> {
  const asked = exchange.version < 1030 ? '' : exchange.param('condition');
  const condition = asked === '' ? 'not-running' : CONDITIONS.find((known) => known === asked);
  if (condition === undefined) throw new GantryError('invalid', `invalid condition: "${asked}"`);
  const cancellation = new Cancellation();
  const result = exchange.engine.containers.wait(exchange.name, condition, cancellation);
  exchange.res.on('close', () => cancellation.cancel());
  if (exchange.version < 1030) {
    exchange.json(200, { StatusCode: (await result).exitCode });
    return;
  }
  exchange.stream('application/json');
  const { exitCode, error } = await result.catch((thrown: unknown) => ({ exitCode: 125, error: thrown instanceof Error ? thrown.message : String(thrown) }));
  exchange.res.end(`${JSON.stringify({ StatusCode: exitCode, ...(error === undefined ? {} : { Error: { Message: error } }) })}\n`);
}

/** `POST /containers/prune`. */
export async function prune(exchange: Exchange): Promise<void> {
  const { engine, front } = exchange;
  const filters = Filters.parse(exchange.query.get('filters'));
  filters.accept('label', 'label!', 'until');
  const untils = filters.values('until');
  if (untils.length > 1) throw new GantryError('invalid', 'more than one until filter specified');
  const until = untils[0] === undefined ? undefined : parseMomentNs(untils[0], front.clock.nowNs());
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const { spec, state } of engine.containers.list()) {
    const isOld = until === undefined || BigInt(spec.createdNs) <= until;
    if (spec.owner.front !== 'docker' || isUp(state) || state.phase === 'starting' || !isOld || !filters.matchesPruneLabels(spec.labels)) continue;
    const size = await engine.containers.sizeOf(spec.id).catch(() => 0);
    try {
      await engine.containers.remove(spec.id, { force: false, volumes: false });
    } catch (thrown) {
      front.log(`prune left container ${spec.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      continue;
    }
    deleted.push(spec.id);
    reclaimed += size;
  }
  engine.events.pruned('container', reclaimed);
  exchange.json(200, { ContainersDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed });
}
