import { connect, performServerHandshake, type ClientHttp2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { emptyBuild, isOfBuild, isOver, reasonOf, type PlainAnswer, type RecordedBuild, type RecordedCall, type Recording } from './recording.ts';

/** Hands everything on between a client and a daemon, and notes what the daemon says. */
export class Recorder {
  readonly #upstream: string;
  readonly #recording: Recording;
  readonly #open: string[] = [];

  constructor(upstream: string, recording: Recording) {
    this.#upstream = upstream;
    this.#recording = recording;
  }

  async plain(method: string, path: string): Promise<PlainAnswer> {
    const answer = await new Promise<PlainAnswer>((resolve, reject) => {
      request({ socketPath: this.#upstream, method, path }, (response) => {
        buffer(response).then((body) => {
          const headers = Object.fromEntries(Object.entries(response.headers).flatMap(([name, value]) => value === undefined || name === 'transfer-encoding' ? [] : [[name, value]]));
          resolve({ status: response.statusCode ?? 0, headers, body });
        }, reject);
      }).on('error', reject).end();
    });
    this.#recording.plain.set(`${method} ${path}`, answer);
    return answer;
  }

  /** The client's calls to the daemon. */
  async control(client: Duplex, path: string): Promise<void> {
    const daemon = calling(await this.#upgrade(path, {}));
    performServerHandshake(client).on('error', () => client.destroy()).on('close', () => daemon.destroy())
      .on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void this.#answered(stream, headers, daemon));
  }

  /** The daemon's calls to the client. */
  async session(socket: Duplex, path: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const client = calling(socket);
    const daemon = await this.#upgrade(path, headers);
    performServerHandshake(daemon).on('error', () => daemon.destroy()).on('close', () => client.destroy())
      .on('stream', (stream: ServerHttp2Stream, _joined: IncomingHttpHeaders, _flags: number, raw: readonly string[]) => void this.#called(stream, raw, client));
    client.on('close', () => daemon.destroy());
  }

  async #answered(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, daemon: ClientHttp2Session): Promise<void> {
    const path = String(headers[':path']);
    this.#open.push(path);
    const answers = isOfBuild(path) ? this.#build.answers : undefined;
    const { body, trailers } = await handOn(stream, headers, daemon, () => {});
    this.#open.splice(this.#open.indexOf(path), 1);
    answers?.set(path, [...answers.get(path) ?? [], { body, trailers: Object.fromEntries(Object.entries(trailers).filter(([name]) => name.startsWith('grpc-'))) }]);
  }

  async #called(stream: ServerHttp2Stream, raw: readonly string[], client: ClientHttp2Session): Promise<void> {
    const sent: Buffer[] = [];
    const during = reasonOf(this.#open);
    // Several values of one name are several, which Node's object of them would join.
    const headers = raw.flatMap((name, index) => index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []);
    const given: Record<string, string | string[]> = {};
    for (const [name, value] of headers) given[name] = given[name] === undefined ? value : [given[name], value].flat();
    const { calls } = this.#build;
    const at = calls.length;
    // In its place already: calls end in another order than they begin.
    calls.push({ headers, sent: Buffer.alloc(0), during });
    await handOn(stream, given, client, (piece) => sent.push(piece));
    calls[at] = { headers, sent: Buffer.concat(sent), during } satisfies RecordedCall;
  }

  /** The one that is going on, or comes next. */
  get #build(): RecordedBuild {
    const { builds } = this.#recording;
    const last = builds.at(-1);
    if (last !== undefined && !isOver(last)) return last;
    const next = emptyBuild();
    builds.push(next);
    return next;
  }

  #upgrade(path: string, headers: Readonly<Record<string, string>>): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      request({ socketPath: this.#upstream, method: 'POST', path, headers: { ...headers, Connection: 'Upgrade', Upgrade: 'h2c' } })
        .on('upgrade', (_response, socket, head) => {
          // The daemon begins to speak at once.
          socket.unshift(head);
          resolve(socket);
        }).on('response', ({ statusCode }) => reject(new Error(`${path} was answered with ${statusCode}`))).on('error', reject).end();
    });
  }
}

function calling(socket: Duplex): ClientHttp2Session {
  return connect('http://client', { createConnection: () => socket, settings: { initialWindowSize: 4 << 20, enablePush: false } }).on('error', () => socket.destroy());
}

/** One call, in both directions, to its end. */
async function handOn(from: ServerHttp2Stream, headers: IncomingHttpHeaders, to: ClientHttp2Session, note: (piece: Buffer) => void): Promise<{ readonly body: Buffer; readonly trailers: IncomingHttpHeaders }> {
  const call = to.request({ ...headers });
  const { promise, resolve } = Promise.withResolvers<void>();
  let trailers: IncomingHttpHeaders = {};
  const body: Buffer[] = [];
  from.on('data', (piece: Buffer) => {
    note(piece);
    call.write(piece);
  }).on('end', () => call.end()).on('error', () => {}).on('aborted', () => call.close(8));
  call.on('response', (first) => {
    const isAll = first['grpc-status'] !== undefined;
    if (isAll) trailers = first;
    from.respond({ ...first }, isAll ? { endStream: true } : { waitForTrailers: true });
  });
  call.on('data', (piece: Buffer) => {
    // Of a transfer of files this is all of them: what is kept is what is answered with, which is small.
    if (body.length < MOST_PIECES) body.push(piece);
    if (from.write(piece)) return;
    call.pause();
    from.once('drain', () => call.resume());
  });
  call.on('trailers', (last: IncomingHttpHeaders) => { trailers = last; });
  from.on('wantTrailers', () => from.sendTrailers({ ...trailers }));
  call.on('end', () => from.end()).on('error', () => {}).on('close', resolve);
  await promise;
  return { body: Buffer.concat(body), trailers };
}

const MOST_PIECES = 1000;
