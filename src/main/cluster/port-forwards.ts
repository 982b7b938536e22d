import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { containersOfPod, SANDBOX_NAME } from '#cluster/agent/observed.ts';
import { PORT_CHANNELS, PortChannels, portsOf } from '#cluster/api/port-channels.ts';
import { PORT_FORWARD, PortForwardSession } from '#cluster/api/port-forward.ts';
import { badRequest, notFound } from '#cluster/api/refusals.ts';
import type { ResourceRequest } from '#cluster/api/request-info.ts';
import type { Transport } from '#cluster/api/spdy/connection.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { NodeEngine } from '#container/engine/port.ts';
import type { ContainerIo } from '#container/host/io.ts';
import { headerInflater, socketTransport, switchProtocols } from './spdy-socket.ts';

/** More than any client sends in one message. */
const LARGEST_MESSAGE = 1024 * 1024;
/** What may lie unsent before the pod is held. */
const HIGH_WATER = 1024 * 1024;
const LOOK_AGAIN_MS = 10;

/** Spoken in a WebSocket, the better one first. */
const PROTOCOLS: readonly string[] = [PORT_FORWARD.tunnel, PORT_CHANNELS];

/** `kubectl port-forward`: frames of SPDY inside of a WebSocket (KEP-4006), or on the connection itself for older clients; libraries of other languages have channels. */
export class PortForwards {
  readonly #engine: NodeEngine;
  readonly #pods: ObjectCache;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false, perMessageDeflate: false });

  constructor(engine: NodeEngine, pods: ObjectCache) {
    this.#engine = engine;
    this.#pods = pods;
  }

  /** @throws StatusError before anything was answered */
  accept(target: ResourceRequest, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { namespace, name = '' } = target;
    const pod = this.#pods.get(namespace, name);
    if (pod === undefined) throw notFound(this.#pods.of, name);
    const sandbox = containersOfPod(this.#engine.containers.list(), pod.metadata.uid).find((each) => each.name === SANDBOX_NAME && each.state === 'running');
    if (sandbox === undefined) throw badRequest(`unable to forward port because pod ${name} is not running`);
    const dial = (port: number): Promise<ContainerIo> => this.#engine.connections.open(sandbox.id, port);
    const label = `${namespace ?? ''}/${name}`;
    const upgrade = (incoming.headers.upgrade ?? '').toLowerCase();
    if (upgrade === 'websocket') {
      const offered = (incoming.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
      const protocol = PROTOCOLS.find((each) => offered.includes(each));
      if (protocol === undefined) throw badRequest(`none of the protocols is spoken here: ${offered.join(', ')}`);
      const ports = protocol === PORT_CHANNELS ? portsOf(new URL(incoming.url ?? '', 'http://pod').searchParams.getAll('ports')) : [];
      this.#server.handleUpgrade(incoming, socket, head, (client) => {
        const parts = { transport: webSocketTransport(client), dial, pod: label };
        const session = protocol === PORT_CHANNELS ? new PortChannels(parts, ports) : new PortForwardSession({ ...parts, inflate: headerInflater() });
        client.on('message', (message: Buffer) => session.receive(message)).on('close', () => session.close()).on('error', () => client.terminate());
        if (session instanceof PortChannels) session.open();
      });
    } else if (upgrade === PORT_FORWARD.upgrade.toLowerCase()) {
      switchProtocols(socket, PORT_FORWARD.upgrade, PORT_FORWARD.protocol);
      const session = new PortForwardSession({ transport: socketTransport(socket), dial, pod: label, inflate: headerInflater() });
      if (head.length > 0) session.receive(head);
      socket.on('data', (bytes: Buffer) => session.receive(bytes)).on('end', () => socket.end()).on('close', () => session.close());
    } else throw badRequest(`Upgrade to ${upgrade} is not known; port forwarding takes websocket and ${PORT_FORWARD.upgrade}`);
  }
}

function webSocketTransport(client: WebSocket): Transport {
  return {
    send: (bytes) => client.send(bytes),
    whenSent: (callback) => {
      if (client.bufferedAmount <= HIGH_WATER) return callback();
      const look = setInterval(() => {
        if (client.bufferedAmount > HIGH_WATER / 2 && client.readyState === client.OPEN) return;
        clearInterval(look);
        callback();
      }, LOOK_AGAIN_MS);
    },
    pause: () => client.pause(), resume: () => client.resume(), close: () => client.close(),
  };
}
