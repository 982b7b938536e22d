import type { EnginePort } from '#container/engine/port.ts';
import { isLive } from '#container/model/container-state.ts';
import { Filters } from '../../filters.ts';
import { listNetworks } from '../../match/networks.ts';
import { renderNetwork } from '../../render/network.ts';
import { networkNameOf } from '../../render/networks.ts';
import type { Exchange } from '../exchange.ts';

function usedNetworks(engine: EnginePort): ReadonlySet<string> {
  return new Set(engine.containers.list().filter(({ state }) => isLive(state.phase)).flatMap((container) => networkNameOf(container) ?? []));
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
