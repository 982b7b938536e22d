import { GantryError } from '#base/error.ts';
import type { Builder } from '../builder.ts';
import type { Exchange } from '../exchange.ts';
import { switchToHttp2 } from '../hijack.ts';

async function builderOf(exchange: Exchange): Promise<Builder> {
  const { builder } = exchange.front;
  if (builder === undefined) throw new GantryError('unimplemented', 'this daemon cannot build');
  return await builder();
}

/** `POST /grpc`: the BuildKit protocol on the connection. */
export async function grpc(exchange: Exchange): Promise<void> {
  const builder = await builderOf(exchange);
  builder.serve(switchToHttp2(exchange));
}

/** `POST /session`: the client serves what its builds need. */
export async function session(exchange: Exchange): Promise<void> {
  const builder = await builderOf(exchange);
  const one = (name: string): string => String(exchange.req.headers[`x-docker-expose-session-${name}`] ?? '');
  const id = one('uuid');
  if (id === '') throw new GantryError('invalid', 'the session has no X-Docker-Expose-Session-Uuid');
  const methods = one('grpc-method').split(',').map((method) => method.trim()).filter(Boolean);
  await builder.attach(switchToHttp2(exchange), { id, name: one('name'), sharedKey: one('sharedkey'), methods });
}
