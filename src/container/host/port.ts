import type { Query } from '#net/dns/message.ts';
import type { Sysctl } from '#net/firewall/kernel-settings.ts';
import type { Stale } from '#net/service/service-table.ts';
import type { Json } from '#base/json.ts';
import type { LogSpec } from '#container/model/container-spec.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { FilesQuery, OpenFiles } from './files.ts';
import type { HostFacts } from './facts.ts';
import type { ContainerIo } from './io.ts';
import type { LogBatches, LogQuery } from './log.ts';
import type { LogTarget } from './log-target.ts';
import type { StepExecutors } from './step.ts';
import type { ContainerUsage, UsageQuery } from './usage.ts';

/** A container's process ended, as its monitor wrote it down. */
export interface ContainerExit {
  readonly id: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly atNs: bigint;
}

export interface ExecStart {
  readonly id: string;
  readonly container: string;
  readonly directory: string;
  /** `process` object of the OCI runtime spec. */
  readonly processJson: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  /** False: no stream is connected, the output goes nowhere. */
  readonly attached: boolean;
}

export interface StartedExec {
  readonly process: ProcessRef;
  readonly io: ContainerIo | undefined;
  readonly exitCode: Promise<number>;
}

export interface BridgePlan {
  readonly name: string;
  /** Fixed: else the bridge takes the lowest address of its ports, and every one that comes or goes cuts the others off from their gateway. */
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly mtu: number;
  /** Set before the bridge is up. */
  readonly sysctls: readonly Sysctl[];
}

export interface LogForward {
  readonly path: string;
  /** A file for how far it has come. */
  readonly placePath: string;
  readonly target: LogTarget;
  /** Whether more may come. */
  readonly isLive: () => boolean;
}

export interface RunningForward {
  stop(): void;
  /** All was sent, and no more can come; or it was stopped. */
  readonly done: Promise<void>;
}

/** A device node as stat(2) shows it. */
export interface FoundDevice {
  /** Below the path that was asked for, empty for the path itself. */
  readonly below: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A question for a name, as a sandbox sent it; of one who asked at an address of the host, empty. */
export interface NameQuery {
  readonly sandbox: string;
  readonly message: Uint8Array;
  readonly transport: 'udp' | 'tcp';
}

export type NameReply =
  | { readonly kind: 'answer'; readonly message: Uint8Array }
  /** Others are to be asked: the named ones from inside the sandbox, or those of the host from the host. After the name that an alias stands for, where there is one. */
  | { readonly kind: 'forward'; readonly query: Query; readonly servers: readonly string[]; readonly from: 'host' | 'sandbox'; readonly alias?: { readonly target: string; readonly maxBytes: number } }
  | { readonly kind: 'silence' };

/** A file of a container's root, by way of its layers, followed safely and read up to a bound. */
export interface RootfsQuery {
  /** Top layer first. */
  readonly layers: readonly string[];
  readonly path: string;
  readonly maxBytes: number;
}

/** What is left of a container's run, by the files of its monitor and of the runtime. */
export interface FoundProcesses {
  readonly process?: ProcessRef;
  readonly monitor?: ProcessRef;
  /** It was made, and not yet told to start. */
  readonly waitingToStart: boolean;
  /** It was told to start, and its process is gone. */
  readonly hasEnded: boolean;
}

/**
 * The one door to the kernel. What needs the kernel is a value until it comes here.
 * Failures are `GantryError`s whose message names the step's thing and the kernel's word for the cause.
 */
export interface Host extends StepExecutors {
  readonly facts: HostFacts;

  /** A process of a container will be started soon: what the kernel takes long for can begin now. */
  expectStart(): void;

  /** Calls back for every end of a container, also for those that nobody has taken note of yet. */
  onExit(callback: (exit: ContainerExit) => void): void;
  /** The end was written down: its note can go. */
  forgetExit(id: string): Promise<void>;
  isAlive(process: ProcessRef): boolean;
  /** The processes behind a bundle whose monitor answered nobody: for recovery. */
  findProcesses(bundle: string, id: string): Promise<FoundProcesses>;
  /** Ids of the containers that have a bundle, known to anybody or not. */
  listBundles(): Promise<readonly string[]>;
  /** Tells of this container's end, also where its monitor is lost. `start-container` does it by itself. */
  watch(id: string, process: ProcessRef): void;

  /** Who answers the questions of sandboxes whose names are served. */
  onQuery(callback: (query: NameQuery) => NameReply): void;
  /** The same at an address of the host. @param clients a CIDR: others hear nothing */
  serveNamesAt(address: string, clients: string): Promise<{ readonly port: number; close(): void }>;

  /** Never signals a stranger: false where the process is gone. */
  signal(process: ProcessRef, signal: number): boolean;
  /** @param limits `linux.resources` of the OCI runtime spec, without devices; what is left out stays */
  limit(id: string, cgroup: string, limits: { readonly json: string; readonly unboundedPids: boolean }): Promise<void>;
  /** The same for all of its process group that is in the control group: each by reference. */
  signalGroup(process: ProcessRef, cgroup: string, signal: number): void;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** @param options.endsInput whether the end of this client's input is the end of the container's */
  attach(bundle: string, options: { stdin: boolean; endsInput: boolean }): Promise<ContainerIo>;
  resize(directory: string, rows: number, columns: number): Promise<void>;
  exec(start: ExecStart): Promise<StartedExec>;
  /** Puts a log that has grown to its size aside, and drops what is not to be kept. @returns whether it did */
  rotateLog(bundle: string, path: string, keep: NonNullable<LogSpec['keep']>): Promise<boolean>;
  /** Sends a log on as it grows, from where it was left by whoever did so before. */
  forwardLog(forward: LogForward): RunningForward;
  readLog(path: string, query: LogQuery): LogBatches;
  usage(query: UsageQuery): Promise<ContainerUsage>;
  /** Bytes of the files below a directory; 0 where it isn't there. */
  treeSize(path: string): Promise<number>;
  /** Command lines of a container's processes, one row a process, as ps(1) with the options prints them. */
  processTable(id: string, cgroup: string, psArguments: string): Promise<{ titles: string[]; rows: string[][] }>;

  /** A `linux.seccomp` object as base64 of its BPF, for a runtime that takes it ready made; compiled once and kept. */
  compileSeccomp(profileJson: string, runtime?: string): string | undefined;
  /** Undefined where there is no such file. FIFOs and devices are refused. */
  readRootfsFile(query: RootfsQuery): Promise<Uint8Array | undefined>;
  /** @throws GantryError conflict where a process to look at is gone */
  openFiles(query: FilesQuery): Promise<OpenFiles>;
  readHostFile(path: string, maxBytes: number): Promise<string | undefined>;
  /** The device at a path, or all below a directory; none where the path is neither. Links are followed at the path only. */
  /** Specification files of the Container Device Interface, in the order in which later ones win. */
  readCdiFiles(): Promise<readonly { readonly path: string; readonly json: Json }[]>;
  findDevices(path: string): Promise<readonly FoundDevice[]>;
  exists(path: string): Promise<'directory' | 'file' | undefined>;

  /** Subnets that the host's routes and links already use, or that the firewall of another engine has, as CIDRs or addresses. */
  usedSubnets(): Promise<readonly string[]>;
  /** Answers whether it had to be made. */
  ensureBridge(bridge: BridgePlan): Promise<boolean>;
  /** No error where it is gone. */
  removeBridge(name: string): Promise<void>;
  /** What the ports of a bridge send each other passes the firewall from now on. False where the kernel has no way to do that. */
  filterBridged(name: string): Promise<boolean>;
  /** One transaction; `commands` is nft text, made by net/firewall. */
  applyFirewall(commands: string): Promise<void>;
  /** Calls back when others took the table away or changed its rules: it has to be made again. */
  onFirewallLost(callback: (cause: string) => void): void;
  /** Each command by itself; what takes away what is not there is no error. */
  withdrawFirewall(commands: readonly string[]): Promise<void>;
  /** A connection to a port at the loopback address of a process's network namespace. @throws GantryError unavailable where nobody listens */
  connectInside(process: ProcessRef, port: number): Promise<ContainerIo>;
  /** A route over a link of ours says whose the addresses are. Safe to repeat. @throws GantryError conflict where another link has it */
  claimRange(range: string, link: string): Promise<void>;
  /** No error where it is gone. */
  releaseRange(range: string, link: string): Promise<void>;
  /** A port of all addresses of the host, held so that no other program takes it; false where one has it. */
  holdPort(owner: string, protocol: 'tcp' | 'udp' | 'sctp', port: number): Promise<boolean>;
  /** All that is held for the owner; for a sandbox, the ports that were kept for its return. */
  releasePort(owner: string): Promise<void>;
  /** Clients that talk over UDP to services begin anew. */
  forgetDatagrams(stale: readonly Stale[]): Promise<void>;
  /** The first port of a range that is free now at all of the addresses, or GantryError `exhausted`. */
  freePort(protocol: 'tcp' | 'udp' | 'sctp', addresses: readonly string[], from: number, to: number): Promise<number>;
}
