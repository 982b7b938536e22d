import { GantryError, messageOf } from '#base/error.ts';
import type { EnginePort } from '#container/engine/port.ts';
import { isLive } from '#container/model/container-state.ts';
import { isPredefined } from '#container/model/network.ts';
import { Filters } from '../../filters.ts';
import { checkEndpoint } from '../../lower/check-network.ts';
import { lowerEndpoint } from '../../lower/endpoints.ts';
import { lowerNetworkCreate } from '../../lower/network-create.ts';
import { listNetworks } from '../../match/networks.ts';
import { configurationOf, renderNetwork } from '../../render/network.ts';
import { networkNamesOf } from '../../render/networks.ts';
import { parseMomentNs } from '../../timestamp.ts';
import { ENDPOINT } from '../../wire/endpoint.ts';
import { NETWORK_CONNECT, NETWORK_CREATE, NETWORK_DISCONNECT } from '../../wire/network.ts';
import type { Exchange } from '../exchange.ts';

function usedNetworks(engine: EnginePort): ReadonlySet<string> {
  return new Set(engine.containers.list().filter(({ state }) => isLive(state.phase)).flatMap(networkNamesOf));
}

/** `GET /networks`. Since 1.28 a list doesn't tell the containers. */
export function list(exchange: Exchange): void {
  const { engine, version } = exchange;
  const used = usedNetworks(engine);
  const found = listNetworks(engine.networks.list(), Filters.parse(exchange.query.get('filters')), ({ name }) => used.has(name));
  const containers = version < 1028 ? engine.containers.list() : [];
  exchange.json(200, found.map((network) => renderNetwork(network, containers)));
}

/** `GET /networks/{id}`. */
export function inspect(exchange: Exchange): void {
  const { engine } = exchange;
  exchange.json(200, renderNetwork(engine.networks.find(exchange.name), engine.containers.list()));
}

/** `POST /networks/create`. */
export async function create(exchange: Exchange): Promise<void> {
  const { networks } = exchange.engine;
  const request = lowerNetworkCreate(NETWORK_CREATE.decode((await exchange.body()) ?? null, ''), (name) => configurationOf(networks.list().find((network) => network.name === name)));
  const { id } = await networks.create(request);
  exchange.json(201, { Id: id, Warning: '' });
}

/** `DELETE /networks/{id}`. */
export async function remove(exchange: Exchange): Promise<void> {
  await exchange.engine.networks.remove(exchange.name);
  exchange.empty(204);
}

/** `POST /networks/{id}/connect`. */
export async function connect(exchange: Exchange): Promise<void> {
  const { engine } = exchange;
  const { Container: container, EndpointConfig } = NETWORK_CONNECT.decode((await exchange.body()) ?? null, '');
  if (container === '') throw new GantryError('invalid', 'invalid name or ID supplied: ""');
  const { name } = engine.networks.find(exchange.name);
  const settings = EndpointConfig ?? ENDPOINT.zero();
  checkEndpoint(name, settings, '');
  await engine.memberships.connect(container, lowerEndpoint(name, settings));
  exchange.empty(200);
}

/** `POST /networks/{id}/disconnect`. */
export async function disconnect(exchange: Exchange): Promise<void> {
  const { Container: container, Force: force } = NETWORK_DISCONNECT.decode((await exchange.body()) ?? null, '');
  if (container === '') throw new GantryError('invalid', 'invalid name or ID supplied: ""');
  await exchange.engine.memberships.disconnect(container, exchange.name, { force });
  exchange.empty(200);
}

/** `POST /networks/prune`: networks that no container names, running or not. */
export async function prune(exchange: Exchange): Promise<void> {
  const { engine, front } = exchange;
  const filters = Filters.parse(exchange.query.get('filters'));
  filters.accept('label', 'label!', 'until');
  const [until] = filters.values('until');
  const untilNs = until === undefined ? undefined : parseMomentNs(until, front.clock.nowNs());
  const named = new Set(engine.containers.list().flatMap(networkNamesOf));
  const deleted: string[] = [];
  for (const network of engine.networks.list()) {
    const isOld = untilNs === undefined || BigInt(network.createdNs) <= untilNs;
    if (isPredefined(network) || network.isConfiguration === true || named.has(network.name) || !isOld || !filters.matchesPruneLabels(network.labels)) continue;
    try {
      await engine.networks.remove(network.id);
      deleted.push(network.name);
    } catch (thrown) {
      front.log(`prune left network ${network.name}: ${messageOf(thrown)}`);
    }
  }
  engine.events.pruned('network', 0);
  exchange.json(200, { NetworksDeleted: deleted.length === 0 ? null : deleted });
}
