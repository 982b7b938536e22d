import type { Cancellation } from '#base/cancellation.ts';
import type { JsonObject } from '#base/json.ts';
import type { HostFacts } from '#container/host/facts.ts';
import type { ContainerIo } from '#container/host/io.ts';
import type { LogBatches } from '#container/host/log.ts';
import type { ContainerUsage } from '#container/host/usage.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { EngineEvent } from '#container/model/event.ts';
import type { Exec, ExecSpec } from '#container/model/exec.ts';
import type { ContainerId, ExecId, ImageId } from '#container/model/ids.ts';
import type { Image } from '#container/model/image.ts';
import type { Mount, Volume } from '#container/model/mount.ts';
import type { RestartPolicy } from '#container/model/restart-policy.ts';
import type { Network } from '#container/model/network.ts';
import type { Resources, Ulimit } from '#container/model/resources.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { SealedLayer } from '#image/snapshot/port.ts';
import type { TreeSelection } from '#image/snapshot/tree-work.ts';
import type { Alias } from '#net/dns/alias.ts';
import type { Answer, Query } from '#net/dns/message.ts';
import type { PolicyChanges } from '#net/policy/model.ts';
import type { Frontend } from '#net/service/model.ts';
import type { EndpointRequest } from '#container/model/sandbox.ts';
import type { Reason } from '#container/model/why.ts';
import type { FileChange, PathStatus } from '#image/snapshot/files.ts';
import type { Credentials } from '#image/registry/credentials.ts';
import type { Login } from '#image/registry/login.ts';
import type { PullRequest, PulledImage, PushIndexRequest, PushRequest, RemoteImage, TransferProgress } from './transfer.ts';

/** What a front asks for: a spec before the engine chose its id and name. An empty name asks for one. */
export type CreateRequest = Omit<ContainerSpec, 'id' | 'createdNs'>;

export interface WaitResult {
  readonly exitCode: number;
  /** Set where the wait could not come to its end, as when the container was removed. */
  readonly error?: string;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface AttachOptions {
  readonly stdin: boolean;
}

/** A connection that is there before the container runs: `io` settles when it does. */
export interface Attachment {
  readonly io: Promise<ContainerIo>;
  /** Gives up waiting; where the io is there, closes it. */
  close(): void;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly sinceNs?: bigint;
  readonly untilNs?: bigint;
  readonly tail?: number;
  /** Ends a reading that follows, also while there is nothing to read. */
  readonly cancellation?: Cancellation;
}

export type ExecRequest = Omit<ExecSpec, 'id' | 'container'>;

/** Progress of long work, as it happens; fronts put it into their own words. */
export type Progress = (step: { readonly id?: string; readonly status: string; readonly current?: number; readonly total?: number }) => void;

export interface ImportRequest {
  readonly body: AsyncIterable<Uint8Array>;
  /** Repository with tag, as a person wrote it; none leaves the image unnamed. */
  readonly reference?: string;
  readonly message: string;
  /** Time that the image says it was made; now where it is absent. */
  readonly createdNs?: bigint;
  /** The parts of an image config that `--change` sets, as the config spells them. */
  readonly changes: JsonObject;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

export interface CommitRequest {
  readonly container: string;
  readonly reference?: string;
  readonly comment: string;
  readonly author: string;
  readonly changes: JsonObject;
  readonly pause: boolean;
}

export interface LoadedImage {
  readonly id: ImageId;
  readonly tags: readonly string[];
}

export interface RemovedImage {
  readonly untagged: readonly string[];
  readonly deleted: readonly string[];
}

export interface EventFeed {
  /** Tells that unused things of a kind were removed, once for all of them. */
  pruned(type: EngineEvent['type'], reclaimedBytes: number): void;
  /** Events that are kept from `sinceNs` on, then those to come, until closed. */
  subscribe(options: { sinceNs?: bigint }, callback: (event: EngineEvent) => void): () => void;
}

/** What of a container can be changed after it was made. */
export interface ContainerUpdate {
  readonly resources: Resources;
  readonly restart: RestartPolicy;
  readonly front: JsonObject;
}

/** Containers of every front. References are a name, an id, or an id's unambiguous beginning. */
export interface ContainersPort {
  list(): readonly Container[];
  find(reference: string): Container;
  create(request: CreateRequest): Promise<{ id: ContainerId; warnings: readonly string[] }>;
  start(reference: string): Promise<void>;
  stop(reference: string, options: { signal?: string; timeoutSeconds?: number }): Promise<void>;
  restart(reference: string, options: { signal?: string; timeoutSeconds?: number }): Promise<void>;
  kill(reference: string, signal: string): Promise<void>;
  pause(reference: string): Promise<void>;
  unpause(reference: string): Promise<void>;
  rename(reference: string, name: string): Promise<void>;
  /** Takes hold at once where the container runs, else with its next start. */
  update(reference: string, change: ContainerUpdate): Promise<void>;
  /** Takes a link of the default network off a container; one that runs forgets its name, and keeps its variables. */
  unlink(reference: string, alias: string, front: JsonObject): Promise<void>;
  remove(reference: string, options: { force: boolean; volumes: boolean }): Promise<void>;
  /** Settles when the condition holds; registered at once, so it may be asked before the start. */
  wait(reference: string, condition: WaitCondition, cancellation?: Cancellation): Promise<WaitResult>;
  attach(reference: string, options: AttachOptions): Attachment;
  /** Somebody who was attached left by the keys, and the container goes on. */
  detached(reference: string): void;
  resize(reference: string, rows: number, columns: number): Promise<void>;
  logs(reference: string, options: LogOptions): LogBatches;
  top(reference: string, psArguments: string): Promise<{ titles: string[]; rows: string[][] }>;
  /** What it uses now; undefined where it doesn't run. */
  usage(reference: string): Promise<ContainerUsage | undefined>;
  /** The chain of causes of its present state, oldest first. */
  why(reference: string): readonly Reason[];
  /** Bytes of the writable layer. */
  sizeOf(reference: string): Promise<number>;
}

export interface ExecsPort {
  create(container: string, request: ExecRequest): Promise<ExecId>;
  find(id: string): Exec;
  /** Streams where asked for; `done` settles with the exit code. */
  start(id: string, options: { attached: boolean }): Promise<{ io: ContainerIo | undefined; done: Promise<number> }>;
  resize(id: string, rows: number, columns: number): Promise<void>;
  /** @param signal its number. GantryError conflict where the exec doesn't run */
  kill(id: string, signal: number): Promise<void>;
  detached(id: string): void;
  ofContainer(id: ContainerId): readonly ExecId[];
}

export interface ArchiveRequest {
  /** A directory of the container. */
  readonly path: string;
  /** Plain or compressed. */
  readonly tar: AsyncIterable<Uint8Array>;
  /** Refuses to put a file in the place of a directory, and the other way round. */
  readonly keepsKind: boolean;
  /** Files become those of the container's user; else they keep the owners that the archive names. */
  readonly ownedByUser: boolean;
}

/** Files of containers that run or rest. Paths are absolute in the container; what is at a path is looked at with lstat(2). */
export interface FilesPort {
  status(reference: string, path: string): Promise<PathStatus>;
  /** The tar has to be read to its end or left (`return`): a container at rest is held meanwhile. */
  read(reference: string, path: string): Promise<{ readonly status: PathStatus; readonly tar: AsyncIterable<Uint8Array> }>;
  write(reference: string, request: ArchiveRequest): Promise<void>;
  /** The root file system without what is mounted in it. */
  export(reference: string): Promise<AsyncIterable<Uint8Array>>;
  /** What the container changed of its image. */
  changes(reference: string): Promise<readonly FileChange[]>;
}

export interface ImagesPort {
  list(): readonly Image[];
  /** By name, id, id's beginning or digest. GantryError not-found: `No such image: x:latest`. */
  find(reference: string): Image;
  importTar(request: ImportRequest): Promise<ImageId>;
  /** A `docker save` archive or an OCI layout. With a platform, what is of it, and `not-found` where nothing is. */
  load(body: AsyncIterable<Uint8Array>, progress: Progress, platform?: Platform): Promise<readonly LoadedImage[]>;
  save(references: readonly string[]): AsyncIterable<Uint8Array>;
  tag(reference: string, target: string): Promise<void>;
  pull(request: PullRequest, progress: TransferProgress): Promise<PulledImage>;
  push(request: PushRequest, progress: TransferProgress): Promise<void>;
  inspectRemote(reference: string, credentials: Credentials): Promise<RemoteImage>;
  /** GantryError unauthorized where the registry does not take the credentials. */
  login(server: string, credentials: Credentials): Promise<Login>;
  remove(reference: string, options: { force: boolean }): Promise<RemovedImage>;
  /**
   * Gives up the layers that pulls have left which broke off, and that the next attempt would have gone on from: those of more
   * than a day ago, or all. Answers their bytes.
   */
  dropUnfinished(which: 'old' | 'all'): Promise<number>;
  commit(request: CommitRequest): Promise<ImageId>;
}

/** What is asked of a family of a new network; what is not said is chosen. */
export interface SubnetRequest {
  readonly cidr?: string;
  /** Empty: none. */
  readonly gateway?: string;
  readonly range?: string;
  readonly reserved?: Readonly<Record<string, string>>;
}

/** A new network. A family that is absent is left out, and one that the host lacks as well. */
export interface NetworkRequest extends Omit<Network, 'id' | 'createdNs' | 'ipv4' | 'ipv6' | 'further' | 'mtu'> {
  readonly ipv4?: SubnetRequest;
  readonly ipv6?: SubnetRequest;
  readonly further?: readonly SubnetRequest[];
  readonly mtu?: number;
}

export interface NetworksPort {
  list(): readonly Network[];
  find(reference: string): Network;
  /** @throws GantryError conflict, forbidden, in Docker's words: a name or a subnet that is taken */
  create(request: NetworkRequest): Promise<Network>;
  /** @throws GantryError forbidden while a container that runs stands in it */
  remove(reference: string): Promise<void>;
}

/** Who stands in which network. */
export interface MembershipsPort {
  /** `request.network` names the network. */
  connect(container: string, request: EndpointRequest): Promise<void>;
  /** @param options.force also where the container is gone, and only its place is left */
  disconnect(container: string, network: string, options: { readonly force: boolean }): Promise<void>;
}

/** Ports of the host that a program or a container of it has, by the owner who asked for them, as `80/tcp`: they are not served. */
export type RefusedPorts = ReadonlyMap<string, readonly string[]>;

/** Addresses of this host alone that lead to one of several others. Each owner says all of its frontends at once. */
export interface ServicesPort {
  /** Takes a range of addresses for services; safe to repeat. @throws GantryError conflict where the host uses any of it */
  claim(range: string): Promise<void>;
  /** From now on these are all, by owner: in one transaction with what was there before. */
  replace(range: string, all: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts>;
  /** Frontends of these owners, in one transaction; settles when new connections go by them. */
  put(changes: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts>;
  /** The table and the range go. */
  remove(): Promise<void>;
}

/** Who may reach whom of those that the host forwards packets between. */
export interface PoliciesPort {
  /** From now on these are all: in one transaction with what was there before. */
  replace(all: PolicyChanges): Promise<void>;
  /** In one transaction; settles when new connections go by them. */
  put(changes: PolicyChanges): Promise<void>;
  /** The table goes. */
  remove(): Promise<void>;
}

/** What is known of a name; undefined: nothing, so others are asked. @param turn a number that grows, for those who take turns */
export type NameResolver = (query: Query, turn: number) => Answer | Alias | undefined;

/** Names beside those of networks, for sandboxes that are `served`. */
export interface NamesPort {
  /** Undefined: nobody knows them now, and who asks is told to come again. */
  answerWith(resolver: NameResolver | undefined): void;
  /** Serves them at an address of the host as well. @param clients a CIDR: others hear nothing. @returns the port, for datagrams and streams */
  listen(address: string, clients: string): Promise<{ readonly port: number; close(): void }>;
}

export interface ConnectionsPort {
  /** To a port at a container's own loopback address; output is stream 1. @throws GantryError unavailable where nobody listens */
  open(container: string, port: number): Promise<ContainerIo>;
}

export interface VolumesPort {
  list(): readonly Volume[];
  find(name: string): Volume;
  create(request: { name: string; labels: Readonly<Record<string, string>>; options: Readonly<Record<string, string>> }): Promise<Volume>;
  remove(name: string, options: { force: boolean }): Promise<void>;
  /** @throws GantryError conflict while a container mounts it, running or not, and where the new name is taken */
  rename(name: string, to: string): Promise<Volume>;
  /** A copy under another name, with the same labels; blocks are shared where the file system can. */
  clone(name: string, to: string): Promise<Volume>;
  /** All files as a tar. */
  export(name: string): Promise<AsyncIterable<Uint8Array>>;
  /** Unpacks a tar, plain or compressed, over what is there. A volume that is not there is made. */
  import(name: string, tar: AsyncIterable<Uint8Array>): Promise<void>;
  /** Bytes of its files; undefined where these are not the engine's own. */
  sizeOf(name: string): Promise<number | undefined>;
  /** Where the volume's files are on the host. */
  pathOf(name: string): string;
}

export interface EngineInfo {
  readonly id: string;
  readonly facts: HostFacts;
  readonly root: string;
  readonly defaultBridgeAddress: string;
}

/** Files of layers, or of a directory, as a command of a build sees them. What it writes there is forgotten. */
export interface TreeMount {
  readonly kind: 'tree';
  readonly target: string;
  readonly readonly: boolean;
  readonly source: { readonly kind: 'layers'; readonly chain: readonly string[] } | { readonly kind: 'directory'; readonly path: string };
  /** A real path below the source's root, without a leading slash. */
  readonly path: string;
}

/** A command of a build, over layers that need not be an image's. */
export interface BuildRun {
  /** Whose it is, for people. */
  readonly build: string;
  /** Chain ids, lowest first. */
  readonly layers: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** Further variables, which no record on a disk may have. */
  readonly secretEnv: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly mounts: readonly (Mount | TreeMount)[];
  readonly network: 'default' | 'none' | 'host';
  readonly isInsecure: boolean;
  readonly hostname: string;
  readonly extraHosts: readonly string[];
  readonly ulimits: readonly Ulimit[];
  readonly shmSizeBytes?: number;
  /** What others will read of the files afterwards. */
  readonly digests?: readonly (readonly TreeSelection[])[];
}

export interface BuildsPort {
  /** Runs it to its end; where it ended well, what it wrote is a layer. The container goes by itself. */
  run(run: BuildRun, output: (stream: 1 | 2, bytes: Uint8Array) => void, signal: AbortSignal): Promise<{ readonly exitCode: number; readonly layer: SealedLayer | undefined }>;
}

/** An image whose layers are there. */
export interface NewImage {
  /** As its digest is to cover it, byte for byte. */
  readonly configJson: string;
  /** Base first. */
  readonly layers: readonly { readonly diffId: string; readonly size: number; readonly tarSize: number }[];
  /** Full names with tags. */
  readonly names: readonly string[];
  /** What is said about it, instead of what was said before. */
  readonly predicates?: readonly Predicate[];
}

export interface BuiltImagesPort extends ImagesPort {
  add(image: NewImage): Promise<ImageId>;
  /** Images of several platforms under one name of a registry: an index, or the manifest of the only one of which nothing is said. */
  pushIndex(request: PushIndexRequest, progress: TransferProgress): Promise<void>;
  /** Chain ids that somebody else needs too: they are kept when no image has them. */
  holdLayers(holder: () => Iterable<string>): void;
  /** Layers that somebody needs no more go, unless anybody else does. Answers their bytes. */
  releaseLayers(chains: readonly string[]): Promise<number>;
}

/** What a builder asks of the engine. */
export interface BuildEngine {
  readonly info: EngineInfo;
  readonly images: BuiltImagesPort;
  readonly builds: BuildsPort;
}

/** Everything that a front may ask of the engine. A front's handlers each take the narrow part they need. */
export interface EnginePort {
  readonly info: EngineInfo;
  readonly containers: ContainersPort;
  readonly execs: ExecsPort;
  readonly files: FilesPort;
  readonly images: ImagesPort;
  readonly networks: NetworksPort;
  readonly memberships: MembershipsPort;
  readonly volumes: VolumesPort;
  readonly events: EventFeed;
  /** A client has come that may soon ask for a start or an exec: what takes the kernel long begins now. */
  expectStart(): void;
}

/** What a node of a cluster asks of its engine. */
export interface NodeEngine extends EnginePort {
  readonly names: NamesPort;
  readonly connections: ConnectionsPort;
  readonly services: ServicesPort;
  readonly policies: PoliciesPort;
  /** Removes images that nobody uses, as the engine does where its disk fills; nothing where it is told not to. */
  collectImages(): Promise<void>;
}
