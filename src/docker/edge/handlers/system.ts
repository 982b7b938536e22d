import { renderInfo, renderVersion } from '../../render/system.ts';
import type { Exchange } from '../exchange.ts';

/** `GET` and `HEAD /_ping`. `Builder-Version` is the newest builder that there is: 1 is `POST /build`, 2 the BuildKit protocol. */
export function ping(exchange: Exchange): void {
  // So begins each command of Docker's client; who watches whether we live asks by GET.
  if (exchange.req.method === 'HEAD') exchange.engine.expectStart();
  exchange.writeHead(200, [
    'Builder-Version', exchange.front.builder === undefined ? '1' : '2', 'Cache-Control', 'no-cache, no-store, must-revalidate', 'Pragma', 'no-cache', 'Swarm', 'inactive',
    'Content-Type', 'text/plain; charset=utf-8', 'Content-Length', exchange.req.method === 'HEAD' ? '0' : '2',
  ]);
  exchange.res.end(exchange.req.method === 'HEAD' ? undefined : 'OK');
}

export function version(exchange: Exchange): void {
  exchange.json(200, renderVersion(exchange.engine.info, exchange.front.version));
}

export function info(exchange: Exchange): void {
  const { engine, front } = exchange;
  const counts = { containers: engine.containers.list(), images: engine.images.list().length, eventListeners: front.followers.size };
  exchange.json(200, renderInfo(engine.info, counts, { nowNs: front.clock.nowNs(), version: front.version, apiVersion: exchange.version, defaults: front.defaults() }));
}

/** Managed plugins: there are none. */
export function plugins(exchange: Exchange): void {
  exchange.json(200, []);
}
