import type { Duplex } from 'node:stream';
import { GantryError, isKind } from '#base/error.ts';
import { BYTES_MESSAGE, CHECK_AGENT_REQUEST, CREDENTIALS_REQUEST, CREDENTIALS_RESPONSE, GET_SECRET_REQUEST, GET_SECRET_RESPONSE, PACKET } from '../wire/session.ts';
import { EMPTY } from '../wire/gateway.ts';
import { ClientContent } from './client-content.ts';
import { GrpcClient, type Bidirectional, type Metadata } from './grpc/client.ts';
import type { PacketCall } from './context/receive.ts';

export interface Offer {
  readonly id: string;
  readonly name: string;
  readonly sharedKey: string;
  readonly methods: readonly string[];
}

export interface DirectoryRequest {
  /** `context` or `dockerfile`, as the client knows the directory. */
  readonly name: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly follow?: readonly string[];
}

/** Values of metadata that aren't printable ASCII go as a query string would have them. */
function metadataOf(values: Readonly<Record<string, readonly string[] | undefined>>): Metadata {
  const metadata: Record<string, string | readonly string[]> = {};
  for (const [key, list] of Object.entries(values)) {
    if (list === undefined || list.length === 0) continue;
    const isPlain = list.every((value) => /^[\x20-\x7e]*$/.test(value));
    metadata[key] = isPlain ? list : list.map((value) => encodeURIComponent(value).replaceAll('%20', '+'));
    if (!isPlain) metadata[`${key}-encoded`] = '1';
  }
  return metadata;
}

/** What a client serves to its builds, as long as it is there. */
export class BuildSession {
  readonly offer: Offer;
  readonly #client: GrpcClient;

  constructor(socket: Duplex, offer: Offer) {
    this.offer = offer;
    this.#client = new GrpcClient(socket);
  }

  get closed(): Promise<void> {
    return this.#client.closed;
  }

  close(): void {
    this.#client.close();
  }

  supports(method: string): boolean {
    return this.offer.methods.includes(method);
  }

  /** A directory of the client. */
  directory({ name, include, exclude, follow }: DirectoryRequest): PacketCall {
    const metadata = metadataOf({ 'dir-name': [name], 'include-patterns': include, 'exclude-patterns': exclude, followpaths: follow });
    return this.#client.call('/moby.filesync.v1.FileSync/DiffCopy', PACKET, PACKET, metadata);
  }

  /** Where the client takes an exporter's files: a stream of bytes. */
  sendBytes(exporter: string, metadata: Readonly<Record<string, string>>): Bidirectional<(typeof BYTES_MESSAGE)['fields'], (typeof BYTES_MESSAGE)['fields']> {
    const more = Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`exporter-md-${key}`, [value]]));
    return this.#client.call('/moby.filesync.v1.FileSend/DiffCopy', BYTES_MESSAGE, BYTES_MESSAGE, metadataOf({ 'buildkit-attachable-exporter-id': [exporter], ...more }));
  }

  /** The same as packets, for a client that takes a directory. */
  sendDirectory(exporter: string): PacketCall {
    return this.#client.call('/moby.filesync.v1.FileSend/DiffCopy', PACKET, PACKET, metadataOf({ 'buildkit-attachable-exporter-id': [exporter] }));
  }

  /** A directory of the client with a cache. */
  content(directory: string): ClientContent {
    return new ClientContent(this.#client, `local:${directory}`);
  }

  /** Undefined where the client has no such secret. */
  async secret(id: string): Promise<Uint8Array | undefined> {
    try {
      return (await this.#client.unary('/moby.buildkit.secrets.v1.Secrets/GetSecret', GET_SECRET_REQUEST, GET_SECRET_RESPONSE, { id })).data;
    } catch (thrown) {
      if (isKind(thrown, 'not-found', 'unimplemented')) return undefined;
      throw thrown;
    }
  }

  /** False where the client forwards no such agent. */
  async hasAgent(id: string): Promise<boolean> {
    try {
      await this.#client.unary('/moby.sshforward.v1.SSH/CheckAgent', CHECK_AGENT_REQUEST, EMPTY, { id });
      return true;
    } catch (thrown) {
      if (thrown instanceof GantryError && thrown.kind !== 'interrupted') return false;
      throw thrown;
    }
  }

  /** A connection to the agent. */
  agent(id: string): Bidirectional<(typeof BYTES_MESSAGE)['fields'], (typeof BYTES_MESSAGE)['fields']> {
    return this.#client.call('/moby.sshforward.v1.SSH/ForwardAgent', BYTES_MESSAGE, BYTES_MESSAGE, metadataOf({ 'buildkit.ssh.id': [id] }));
  }

  /** What the client was given on its standard input. */
  upload(path: string): Bidirectional<(typeof BYTES_MESSAGE)['fields'], (typeof BYTES_MESSAGE)['fields']> {
    return this.#client.call('/moby.upload.v1.Upload/Pull', BYTES_MESSAGE, BYTES_MESSAGE, metadataOf({ urlpath: [path] }));
  }

  /** Empty names where the client knows none for the registry. */
  async credentials(host: string): Promise<{ readonly username: string; readonly secret: string }> {
    return await this.#client.unary('/moby.filesync.v1.Auth/Credentials', CREDENTIALS_REQUEST, CREDENTIALS_RESPONSE, { host });
  }
}

/** What the commands of a build may ask of whoever asked for it. */
export type StepClient = Pick<BuildSession, 'secret' | 'hasAgent' | 'agent'>;

/** A client that sent its secrets along, and is not there to be asked. */
export function clientWith(secrets: ReadonlyMap<string, Uint8Array>): StepClient {
  return {
    secret: async (id) => secrets.get(id),
    hasAgent: async () => false,
    agent: () => { throw new GantryError('internal', 'this client forwards no agent'); },
  };
}

/** A build and its session come on two connections, in either order. */
const PATIENCE_MS = 5000;

/** The clients that are there, by the id that their builds name. */
export class BuildSessions {
  readonly #sessions = new Map<string, BuildSession>();
  readonly #lent = new Map<string, StepClient>();
  readonly #waiting = new Map<string, Set<(session: BuildSession) => void>>();

  /** Settles when the client has gone. */
  async attach(socket: Duplex, offer: Offer): Promise<void> {
    if (this.#sessions.has(offer.id)) throw new GantryError('conflict', `the session ${offer.id} exists`);
    const session = new BuildSession(socket, offer);
    this.#sessions.set(offer.id, session);
    for (const tell of this.#waiting.get(offer.id) ?? []) tell(session);
    this.#waiting.delete(offer.id);
    await session.closed;
    this.#sessions.delete(offer.id);
    socket.destroy();
  }

  /** A client without a connection, until it is taken back. */
  lend(id: string, client: StepClient): () => void {
    this.#lent.set(id, client);
    return () => this.#lent.delete(id);
  }

  async clientOf(id: string): Promise<StepClient> {
    return this.#lent.get(id) ?? await this.find(id);
  }

  /** Throws `not-found` when no such client comes. */
  async find(id: string): Promise<BuildSession> {
    const known = this.#sessions.get(id);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<BuildSession>();
    const waiting = this.#waiting.get(id) ?? new Set();
    waiting.add(resolve);
    this.#waiting.set(id, waiting);
    const timer = setTimeout(() => reject(new GantryError('not-found', `no active session for ${id}`)), PATIENCE_MS);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
    }
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
  }
}
