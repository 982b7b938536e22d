import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Timers } from '#base/clock.ts';
import type { JsonObject } from '#base/json.ts';
import { containersOfPod, newest } from '#cluster/agent/observed.ts';
import { specOf } from '#cluster/agent/pod.ts';
import { isTrue, single, type ApiRequest } from '#cluster/api/api-request.ts';
import { CommandSession, REMOTE_COMMAND, type RunningCommand } from '#cluster/api/command-session.ts';
import { badRequest, notFound } from '#cluster/api/refusals.ts';
import { CHANNEL, chooseProtocol, exitStatus, framed, framingOf, readClientMessage } from '#cluster/api/remote-command.ts';
import type { ResourceRequest } from '#cluster/api/request-info.ts';
import { renderStatus, StatusError } from '#cluster/api/status.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerIo } from '#container/host/io.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { headerInflater, socketTransport, switchProtocols } from './spdy-socket.ts';

/** More than any client sends in one message. */
const LARGEST_MESSAGE = 1024 * 1024;
/** What may lie unsent before the container is held. */
const HIGH_WATER = 1024 * 1024;
const LOOK_AGAIN_MS = 20;
const NORMAL = 1000;

type Running = RunningCommand & { readonly io: Promise<ContainerIo | undefined> };

/** `kubectl exec` and `attach`: streams of a container over a WebSocket, by the channels of remotecommand, or over SPDY. */
export class PodStreams {
  readonly #engine: EnginePort;
  readonly #pods: ObjectCache;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, handleProtocols: (offered) => chooseProtocol([...offered]) ?? false, perMessageDeflate: false });
  readonly #timers: Timers;

  constructor(engine: EnginePort, pods: ObjectCache, timers: Timers) {
    this.#timers = timers;
    this.#engine = engine;
    this.#pods = pods;
  }

  /** @throws StatusError before anything was answered */
  async accept(target: ResourceRequest, request: ApiRequest, incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const id = this.#containerOf(target, request);
    const start = async (): Promise<Running> => (target.subresource === 'exec' ? await this.#exec(id, request) : this.#attach(id, request));
    if ((incoming.headers.upgrade ?? '').toLowerCase() === REMOTE_COMMAND.upgrade.toLowerCase()) return this.#acceptSpdy(start, request, incoming, socket, head);
    const offered = (incoming.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    if (offered.some((each) => each !== '') && chooseProtocol(offered) === undefined) throw badRequest(`none of the protocols is spoken here: ${offered.join(', ')}`);
    const running = await start();
    this.#server.handleUpgrade(incoming, socket, head, (client) => void join(client, running, request));
  }

  /** Clients before kubectl 1.31, and those behind proxies that know no WebSockets. */
  #acceptSpdy(start: () => Promise<Running>, { query }: ApiRequest, { headers }: IncomingMessage, socket: Duplex, head: Buffer): void {
    const offered = [headers['x-stream-protocol-version'] ?? []].flat().flatMap((each) => each.split(',')).map((each) => each.trim());
    if (!offered.includes(REMOTE_COMMAND.protocol)) throw new StatusError('forbidden', `unable to upgrade: unable to negotiate protocol: client supports ${JSON.stringify(offered)}, server accepts ${REMOTE_COMMAND.protocol}`);
    switchProtocols(socket, REMOTE_COMMAND.upgrade, REMOTE_COMMAND.protocol);
    const wanted = { stdin: isTrue(query, 'stdin'), stdout: isTrue(query, 'stdout'), stderr: isTrue(query, 'stderr'), tty: isTrue(query, 'tty') };
    // What was said last is still to be sent.
    const transport = { ...socketTransport(socket), close: () => void socket.end() };
    const session = new CommandSession({ transport, inflate: headerInflater(), wanted, start, timers: this.#timers });
    if (head.length > 0) session.receive(head);
    socket.on('data', (bytes: Buffer) => session.receive(bytes)).on('end', () => socket.end()).on('close', () => session.close());
  }

  #containerOf({ namespace, name = '' }: ResourceRequest, { query }: ApiRequest): ContainerId {
    const pod = this.#pods.get(namespace, name);
    if (pod === undefined) throw notFound(this.#pods.of, name);
    const containers = specOf(pod).containers.map((container) => container.name);
    const container = single(query, 'container') ?? containers[0] ?? '';
    const found = newest(containersOfPod(this.#engine.containers.list(), pod.metadata.uid), container);
    if (found?.state !== 'running') throw badRequest(`container ${container} of pod ${name} is not running`);
    return found.id;
  }

  async #exec(id: ContainerId, { query }: ApiRequest): Promise<Running> {
    const { execs } = this.#engine;
    const exec = await execs.create(id, {
      args: query.get('command') ?? [], env: [], cwd: '', user: '', terminal: isTrue(query, 'tty'), attachStdin: isTrue(query, 'stdin'), attachStdout: isTrue(query, 'stdout'), attachStderr: isTrue(query, 'stderr'), privileged: false, detachKeys: '', front: {},
    });
    const { io, done } = await execs.start(exec, { attached: true });
    return { io: Promise.resolve(io), done, resize: (rows, columns) => execs.resize(exec, rows, columns) };
  }

  #attach(id: ContainerId, { query }: ApiRequest): Running {
    const { containers } = this.#engine;
    const { io } = containers.attach(id, { stdin: isTrue(query, 'stdin') });
    return { io, done: containers.wait(id, 'not-running').then(({ exitCode }) => exitCode), resize: (rows, columns) => containers.resize(id, rows, columns) };
  }
}

async function join(client: WebSocket, running: Running, { query }: ApiRequest): Promise<void> {
  const framing = framingOf(client.protocol);
  const send = (channel: number, bytes: Uint8Array): void => client.send(framed(channel, bytes, framing));
  const say = (status: JsonObject): void => {
    const text = framing.hasStatus ? JSON.stringify(status) : String(status['message'] ?? '');
    if (text !== '') send(CHANNEL.error, new TextEncoder().encode(text));
  };
  try {
    const io = await running.io;
    const ended = new Promise<void>((resolve) => io === undefined ? resolve() : io.onEnd(resolve));
    io?.onOutput((stream, bytes) => {
      send(stream === 2 && !isTrue(query, 'tty') ? CHANNEL.stderr : CHANNEL.stdout, bytes);
      if (client.bufferedAmount > HIGH_WATER) holdUntilSent(client, io);
    });
    client.on('message', (message: Buffer) => {
      const said = readClientMessage(message, framing);
      if (said.kind === 'stdin') io?.write(said.bytes);
      else if (said.kind === 'stdin-end') io?.endInput();
      else if (said.kind === 'resize') running.resize(said.rows, said.columns).catch(() => {});
    });
    client.on('close', () => io?.close());
    await ended;
    say(exitStatus(await running.done));
  } catch (thrown) {
    say(renderStatus(thrown).body);
  }
  client.close(NORMAL);
}

/** A client that reads slowly holds the output back, and with it the container. */
function holdUntilSent(client: WebSocket, io: ContainerIo): void {
  io.pause();
  const look = setInterval(() => {
    if (client.bufferedAmount > HIGH_WATER / 2 && client.readyState === client.OPEN) return;
    clearInterval(look);
    io.resume();
  }, LOOK_AGAIN_MS);
}
