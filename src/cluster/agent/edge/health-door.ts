import { createServer } from 'node:http';
import { GantryError, messageOf } from '#base/error.ts';
import type { HealthAnswer, HealthDoor } from '../health-ports.ts';

const HEADERS_MS = 5000;
/** Balancers ask from few places. */
const MOST_CONNECTIONS = 256;

/** A port on every address of the node that says how many serve behind it: 200 where anybody does, else 503. @throws GantryError conflict */
export async function openHealthDoor(port: number, answer: () => HealthAnswer): Promise<HealthDoor> {
  const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, keepAliveTimeout: HEADERS_MS }, (request, response) => {
    request.resume();
    const { namespace, name, localEndpoints } = answer();
    const text = `${JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true }, undefined, '\t')}\n`;
    response.writeHead(localEndpoints > 0 ? 200 : 503, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', 'x-load-balancing-endpoint-weight': String(localEndpoints), 'content-length': Buffer.byteLength(text) }).end(text);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, () => {
    server.off('error', reject).on('error', () => {});
    resolve();
  })).catch((cause: unknown) => {
    throw new GantryError('conflict', messageOf(cause), { cause });
  });
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
