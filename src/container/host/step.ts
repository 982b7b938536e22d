import type { ProcessRef } from '#container/model/container-state.ts';
import type { PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';

/** A layered file system, ready to mount. Paths are absolute; the first lower directory is the top layer. */
export interface Overlay {
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly target: string;
  /** Further options of the mount, as the snapshot wants them. */
  readonly options: readonly string[];
}

export interface HostFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** What a mount of a container has its files from, made ready where only its monitor sees it. */
export interface MountPlace {
  readonly source:
    /** `shownAs`: who the owner of the path is shown as, and the other way round; for a file, too. */
    | { readonly kind: 'directory'; readonly path: string; readonly shownAs?: { readonly uid: number; readonly gid: number } }
    | { readonly kind: 'layers'; readonly lower: readonly string[] };
  /** Below the source, with links followed inside of it; empty: all of it. */
  readonly subpath: string;
  readonly target: string;
  /** Where layers are merged first. */
  readonly whole: string;
}

/** One link of a sandbox, and what it stands in. */
export interface SandboxLink {
  readonly endpoint: Endpoint;
  /** `bridge`: a pair of links, whose other end is a port of it. `macvlan`, `ipvlan`: a link of its own on the host's link. */
  readonly below:
    | { readonly kind: 'bridge'; readonly name: string; readonly isIsolated: boolean }
    | { readonly kind: 'macvlan'; readonly name: string; readonly mode: 'bridge' | 'private' | 'vepa' | 'passthru' }
    | { readonly kind: 'ipvlan'; readonly name: string; readonly mode: 'l2' | 'l3' | 'l3s'; readonly flag: 'bridge' | 'private' | 'vepa' };
  readonly mtu: number;
  /** Below net/ipv4 and net/ipv6, with the link's own name in them. */
  readonly sysctls: readonly { readonly path: string; readonly value: string }[];
  readonly linkLocal: readonly string[];
}

/** Everything between a sandbox and its networks. Links come in the order of their names. */
export interface SandboxNetwork {
  readonly links: readonly SandboxLink[];
  /** Settings of the namespace itself, below net, made when it is opened. */
  readonly settings: readonly { readonly path: string; readonly value: string }[];
  /** Default routes, at most one of each family. */
  readonly routes: readonly { readonly gateway: string; readonly interfaceName: string }[];
}

interface Caused {
  /** Why the step is there, for `--dry-run`, `gantry why` and the message of its failure. */
  readonly cause: string;
}

export type HostStep = Caused & (
  | { readonly kind: 'make-directory'; readonly path: string; readonly mode: number; readonly uid?: number; readonly gid?: number }
  | { readonly kind: 'write-files'; readonly files: readonly HostFile[] }
  /** Moves the tree out of the way at once and deletes it in the background. */
  | { readonly kind: 'remove-tree'; readonly path: string }
  /** An empty directory takes over the content, owner and mode of `path` in the layers. */
  | { readonly kind: 'copy-up'; readonly layers: readonly string[]; readonly path: string; readonly destination: string }
  /** A volume's file system, mounted for every container that uses it from now on. No error where it is mounted already. */
  | { readonly kind: 'mount-volume'; readonly path: string; readonly type: string; readonly device: string; readonly options: string }
  | { readonly kind: 'unmount-volume'; readonly path: string }
  /** A tree with owners, modes and times, sharing blocks where the file system can. The destination is there and empty. */
  | { readonly kind: 'copy-tree'; readonly source: string; readonly destination: string }
  /** No error where the source is gone and the destination is there. */
  | { readonly kind: 'move-tree'; readonly source: string; readonly destination: string }
  /** A network namespace, held open for the container that joins it. Nothing in it is up. */
  | { readonly kind: 'open-network'; readonly sandbox: string }
  /** Links, addresses, routes and settings of a namespace that was just opened. */
  | { readonly kind: 'link-network'; readonly sandbox: string; readonly network: SandboxNetwork }
  /** The links of a sandbox that runs become these: others that we made go, those that lack are made. Safe to repeat. */
  | { readonly kind: 'arrange-network'; readonly sandbox: string; readonly process: ProcessRef; readonly network: SandboxNetwork; readonly gone: readonly Endpoint[] }
  /** A server of names at 127.0.0.11 of the sandbox: one that was just opened, or that of a process. No error where it is there. */
  | { readonly kind: 'serve-names'; readonly sandbox: string; readonly process?: ProcessRef }
  /** What the daemon itself holds of a sandbox's network: it goes with its container. */
  | { readonly kind: 'close-network'; readonly sandbox: string }
  /** `process`: of a sandbox that runs, where it was not just opened. Ports bound on the host so that no other program takes them, then elements of the firewall's maps. */
  | { readonly kind: 'publish'; readonly sandbox: string; readonly process?: ProcessRef; readonly endpoints: readonly Endpoint[]; readonly ports: readonly PublishedPort[] }
  /** `keepsPorts`: they stay bound, and refuse connections, until the sandbox publishes again or `releasePort` is asked for. */
  | { readonly kind: 'unpublish'; readonly sandbox: string; readonly endpoints: readonly Endpoint[]; readonly ports: readonly PublishedPort[]; readonly keepsPorts?: boolean }
  /** The monitor is started, and has the runtime create the container's process. Nobody waits for that yet. */
  | {
      readonly kind: 'begin-creation';
      readonly id: string;
      readonly bundle: string;
      readonly specJson: string;
      readonly overlay: Overlay;
      /** Further trees that mounts of the container have their files from. */
      readonly trees?: readonly Overlay[];
      /** What mounts of the container have their files from. */
      readonly places?: readonly MountPlace[];
      /** The sandbox whose open network is joined, at `networkPath` inside the monitor's mount namespace. */
      readonly joinNetwork?: { readonly sandbox: string; readonly path: string };
      /** The process whose /dev/shm is seen at `path` inside the monitor's mount namespace. */
      readonly shareMemory?: { readonly process: ProcessRef; readonly path: string };
      /** Name of the OCI runtime; absent: the host's default. */
      readonly runtime?: string;
      readonly terminal: boolean;
      readonly stdin: 'closed' | 'open' | 'once';
      readonly logPath?: string;
    }
  /** The creation that was begun has come to its end: the process is there, and waits to be started. */
  | { readonly kind: 'create-container'; readonly id: string }
  | {
      readonly kind: 'start-container';
      readonly id: string;
      readonly bundle: string;
      /** That of a container that may make groups below it: it is in this group of every hierarchy, also of those that the runtime leaves out. */
      readonly cgroup?: string;
    }
  /** Ends programs of an earlier daemon that still make the container of the bundle, though nothing tells their numbers yet. */
  | { readonly kind: 'end-creation'; readonly bundle: string }
  /** Ends what still runs of it, also a creation that this daemon began, and forgets the runtime's state and the control groups. */
  | { readonly kind: 'delete-container'; readonly id: string; readonly bundle: string; readonly cgroup: string; readonly monitor?: ProcessRef }
);

export type StepKind = HostStep['kind'];
export type StepOf<Kind extends StepKind> = Extract<HostStep, { kind: Kind }>;

/** What a step answers; most answer nothing. */
export interface StepOutcomes extends Record<Exclude<StepKind, 'create-container'>, void> {
  'create-container': { readonly process: ProcessRef; readonly monitor: ProcessRef };
}

/** One executor a kind: a new kind of step does not compile until it has one. */
export type StepExecutors = { readonly [Kind in StepKind]: (step: StepOf<Kind>) => Promise<StepOutcomes[Kind]> };

/** A step as a line of a plan, as `--dry-run` shows it. */
export function printStep(step: HostStep): string {
  return `${step.kind} ${subjectOf(step)}  # ${step.cause}`;
}

function subjectOf(step: HostStep): string {
  switch (step.kind) {
    case 'make-directory':
    case 'remove-tree': return step.path;
    case 'end-creation': return step.bundle;
    case 'write-files': return step.files.map((file) => file.path).join(' ');
    case 'mount-volume': return `${step.device} (${step.type}) -> ${step.path}`;
    case 'unmount-volume': return step.path;
    case 'copy-tree':
    case 'move-tree': return `${step.source} -> ${step.destination}`;
    case 'copy-up': return `${step.path} -> ${step.destination}`;
    case 'link-network':
    case 'arrange-network': return step.network.links.length === 0 ? 'loopback only' : step.network.links.map(printLink).join(', ');
    case 'open-network':
    case 'serve-names':
    case 'close-network': return step.sandbox.slice(0, 12);
    case 'publish':
    case 'unpublish': return step.ports.map((port) => `${port.hostAddress}:${port.hostPort}->${port.containerPort}/${port.protocol}`).join(' ');
    case 'begin-creation':
    case 'create-container':
    case 'start-container':
    case 'delete-container': return step.id.slice(0, 12);
  }
}

function printLink({ endpoint, below }: SandboxLink): string {
  const addresses = [endpoint.ipv4, endpoint.ipv6].flatMap((place) => (place === undefined ? [] : [place.address]));
  return `${endpoint.interfaceName} ${addresses.join(' ')} on ${below.name}`;
}
