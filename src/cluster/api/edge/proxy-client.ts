import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '#base/error.ts';
import type { ApiRequest, ApiResponse } from '../api-request.ts';
import { pathBelow, withLinksBelow } from '../proxy/html-links.ts';
import type { ProxyPath, ProxyTarget } from '../proxy/proxy-target.ts';
import { StatusError } from '../status.ts';
import { answerPieces } from './answer-pieces.ts';
import { passedAnswer, passedHeaders } from './passed-headers.ts';

const LARGEST_PAGE = 4 * 1024 * 1024;
const CONNECT_MS = 30_000;

/** Asks who stands behind a pod or service in the name of a client, whose token and certificate stay here. Their certificates are not looked at: that is upstream's rule, too. */
export async function forwardRequest(target: ProxyTarget, { prefix, rest }: ProxyPath, request: ApiRequest): Promise<ApiResponse> {
  const query = queryOf(request);
  // Relative links need a slash at the end of what they are relative to; what is sent is not sent twice.
  if (rest === '' && ['GET', 'HEAD'].includes(request.method)) return { kind: 'forwarded', code: 301, headers: [['Location', `${prefix}/${query}`]], chunks: pieces([]) };
  const body = await request.body();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = (target.isTls ? httpsRequest : httpRequest)({
      agent: false, host: target.host, port: target.port, path: `${rest === '' ? '/' : rest}${query}`, method: request.method, rejectUnauthorized: false, timeout: CONNECT_MS,
      headers: { ...passedHeaders(request.headers ?? {}), ...forwardedFor(request, prefix, rest), host: hostOf(target), ...(body.length > 0 || ['POST', 'PUT', 'PATCH'].includes(request.method) ? { 'content-length': body.length } : {}) },
    });
    sent.once('response', resolve).once('error', (thrown) => reject(unreachable(target, thrown)));
    // A connection that is there may be silent for as long as it likes.
    sent.once('timeout', () => (sent.socket?.connecting === true ? sent.destroy(new StatusError('unavailable', 'i/o timeout')) : undefined));
    sent.end(body);
  });
  return await answerOf(answer, prefix, request.method);
}

async function answerOf(answer: IncomingMessage, prefix: string, method: string): Promise<ApiResponse> {
  const code = answer.statusCode ?? 502;
  const headers = passedAnswer(answer).map(([name, value]): readonly [string, string] => [name, name.toLowerCase() === 'location' ? pathBelow(value, prefix) : value]);
  const chunks = answer as AsyncIterable<Uint8Array>;
  const isPage = (answer.headers['content-type'] ?? '').startsWith('text/html') && answer.headers['content-encoding'] === undefined && method !== 'HEAD' && Number(answer.headers['content-length'] ?? 0) <= LARGEST_PAGE;
  if (!isPage) return { kind: 'forwarded', code, headers, chunks: answerPieces(answer) };
  const page: Uint8Array[] = [];
  let size = 0;
  for await (const piece of chunks) {
    page.push(piece);
    size += piece.length;
    if (size > LARGEST_PAGE) return { kind: 'forwarded', code, headers: withoutLength(headers), chunks: joined(page, chunks) };
  }
  return { kind: 'forwarded', code, headers: withoutLength(headers), chunks: pieces([Buffer.from(withLinksBelow(Buffer.concat(page).toString('latin1'), prefix), 'latin1')]) };
}

/** Leads a connection that asks for another protocol to who stands behind; what he answers is the client's to read. */
export function forwardConnection(target: ProxyTarget, { prefix, rest }: ProxyPath, request: ApiRequest, incoming: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const { host, port } = target;
    const onward = target.isTls ? connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }) : connect({ host, port });
    const failed = (thrown: Error): void => reject(unreachable(target, thrown));
    onward.once('error', failed).once(target.isTls ? 'secureConnect' : 'connect', () => {
      onward.off('error', failed).on('error', () => socket.destroy());
      const headers = { ...passedHeaders(incoming.headers), ...forwardedFor(request, prefix, rest), connection: 'Upgrade', upgrade: incoming.headers.upgrade ?? '', host: hostOf(target) };
      const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}: ${String(each)}`));
      onward.write(`${request.method} ${rest === '' ? '/' : rest}${queryOf(request)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (head.length > 0) onward.write(head);
      socket.pipe(onward).pipe(socket);
      socket.once('close', () => onward.destroy());
      onward.once('close', () => socket.destroy());
      resolve();
    });
  });
}

const forwardedFor = ({ sourceIps = [] }: ApiRequest, prefix: string, rest: string): OutgoingHttpHeaders => ({ 'x-forwarded-for': sourceIps.join(', '), 'x-forwarded-proto': 'https', 'x-forwarded-uri': `${prefix}${rest}` });
const hostOf = ({ host, port }: ProxyTarget): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
const withoutLength = (headers: (readonly [string, string])[]): (readonly [string, string])[] => headers.filter(([name]) => name.toLowerCase() !== 'content-length');

function queryOf({ uri = '' }: ApiRequest): string {
  const at = uri.indexOf('?');
  return at < 0 ? '' : uri.slice(at);
}

function unreachable(target: ProxyTarget, thrown: unknown): StatusError {
  return new StatusError('unavailable', `error trying to reach service: dial tcp ${hostOf(target)}: ${messageOf(thrown)}`);
}

async function* pieces(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function* joined(first: readonly Uint8Array[], then: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* then;
}
