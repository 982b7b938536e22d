import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { ClusterControl } from '../cluster-control.ts';
import type { Exchange } from '../exchange.ts';

const DEFAULT = { address: '127.0.0.1', port: 6443 } as const;

function controlOf({ front }: Exchange): ClusterControl {
  if (front.cluster === undefined) throw new GantryError('unimplemented', 'this daemon has no cluster');
  return front.cluster;
}

/** `GET /cluster`, an extension of ours. */
export function clusterStatus(exchange: Exchange): void {
  exchange.json(200, { ...controlOf(exchange).status() });
}

/** `POST /cluster/up` with `{ Address, Port, ServiceCIDR }`; an empty range is chosen. */
export async function clusterUp(exchange: Exchange): Promise<void> {
  const body = ((await exchange.body()) ?? {}) as Json;
  const { Address: address = DEFAULT.address, Port: port = DEFAULT.port, ServiceCIDR: range = '' } = (body ?? {}) as JsonObject;
  if (typeof address !== 'string' || typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) throw new GantryError('invalid', 'Address is a text and Port a number from 0 to 65535');
  if (typeof range !== 'string') throw new GantryError('invalid', 'ServiceCIDR is a text such as 10.96.0.0/16');
  exchange.json(200, { ...await controlOf(exchange).up({ address, port, ...(range === '' ? {} : { serviceRange: range }) }) });
}

/** `POST /cluster/down?erase=1`. */
export async function clusterDown(exchange: Exchange): Promise<void> {
  await controlOf(exchange).down({ erase: exchange.query.get('erase') === '1' });
  exchange.empty(204);
}

/** `GET /cluster/kubeconfig`. */
export function clusterKubeconfig(exchange: Exchange): void {
  exchange.json(200, { Kubeconfig: controlOf(exchange).kubeconfig() });
}
