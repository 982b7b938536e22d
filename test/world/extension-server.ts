import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import process from 'node:process';

/**
 * A server of the group wardle.example.com as scenarios register one: it believes whoever has a certificate of the front
 * proxy's authority, and has one flunder, whose annotations say who asked. Its arguments are the files of its certificate and
 * key, the authority, and the address to listen at; it prints its port.
 */
const [certificate = '', key = '', authority = '', address = ''] = process.argv.slice(2);
const GROUP = '/apis/wardle.example.com/v1';

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key), ca: readFileSync(authority), requestCert: true, rejectUnauthorized: true }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://server');
  const flunder = { apiVersion: 'wardle.example.com/v1', kind: 'Flunder', metadata: { name: 'one', namespace: 'default', resourceVersion: '1', annotations: askedBy(request) } };
  if (pathname === GROUP) return send(response, 200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'wardle.example.com/v1', resources: [{ name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get', 'list', 'watch'], shortNames: ['fl'] }] });
  if (pathname === `${GROUP}/namespaces/default/flunders/one`) return send(response, 200, flunder);
  if (pathname !== `${GROUP}/namespaces/default/flunders`) return send(response, 404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 });
  if (searchParams.get('watch') === null) return send(response, 200, { apiVersion: 'wardle.example.com/v1', kind: 'FlunderList', metadata: { resourceVersion: '1' }, items: [flunder] });
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`${JSON.stringify({ type: 'ADDED', object: { ...flunder, metadata: { ...flunder.metadata, name: 'two' } } })}\n`);
  return undefined;
});

function askedBy({ headersDistinct }: IncomingMessage): Record<string, string> {
  return { user: headersDistinct['x-remote-user']?.join() ?? '', groups: headersDistinct['x-remote-group']?.join() ?? '' };
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(0, address, () => console.log((server.address() as AddressInfo).port));
