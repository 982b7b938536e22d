import type { JsonObject } from '#base/json.ts';

/** Where a cluster's API is to listen. */
export interface ClusterUpRequest {
  readonly address: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Addresses for services, as a CIDR; absent: chosen. */
  readonly serviceRange?: string;
  /** Absent: what it has, or a file of the daemon's. */
  readonly storage?: StoreRequest;
  /** Absent: nobody is told of. */
  readonly audit?: AuditRequest;
  /** When the node evicts pods, as of the kubelet's `--eviction-hard`; absent: as the kubelet does. */
  readonly evictionHard?: string;
  /** When it lets pods go that have time to end; absent: never. */
  readonly evictionSoft?: SoftEviction;
}

/** As of the kubelet's `--eviction-soft`, `--eviction-soft-grace-period` and `--eviction-max-pod-grace-period`. */
export interface SoftEviction {
  readonly thresholds: string;
  readonly gracePeriods: string;
  readonly mostPodGraceSeconds: number;
}

/** Where a cluster's API tells who asked for what. */
export interface AuditRequest {
  /** A file of the daemon's machine, absolute. */
  readonly path: string;
  /** `audit.k8s.io/v1` `Policy`, in YAML or JSON; absent: ours. */
  readonly policy?: string;
  /** When the file is turned over, and how many old ones stay for how long; 0: all of them, for ever. */
  readonly mostMegabytes: number;
  readonly mostDays: number;
  readonly mostBackups: number;
}

/** Where a cluster keeps what it knows. */
export interface StoreRequest {
  /** `file`, or an etcd: `etcd://127.0.0.1:2379`. */
  readonly url: string;
  /** Files in PEM, on the daemon's machine. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Restored {
  /** The revision that the backup shows, and the objects in it. */
  readonly revision: number;
  readonly entries: number;
  /** RFC 3339: when it was made. */
  readonly createdAt: string;
}

export interface ClusterStatus {
  readonly running: boolean;
  /** `https://127.0.0.1:6443`; empty where none runs. */
  readonly server: string;
  readonly node: string;
  readonly version: string;
}

/** Whoever makes a cluster of this machine, as this front needs them: the socket of the engine is how it is asked. */
export interface ClusterControl {
  status(): ClusterStatus;
  /** Settles when the API answers and the node is ready. */
  up(request: ClusterUpRequest): Promise<ClusterStatus>;
  /** Ends the pods and the control plane; with `erase` what the cluster knew goes too. */
  down(options: { readonly erase: boolean }): Promise<void>;
  /** A kubeconfig of the administrator. GantryError conflict where no cluster runs. */
  kubeconfig(): string;
  /** Why a pod is as it is. GantryError conflict where no cluster runs, not-found for a pod that is not there. */
  why(namespace: string, pod: string): Promise<JsonObject>;
  /** All that the cluster knows, at one revision, with its keys. GantryError conflict where no cluster runs. */
  backup(hasVolumes: boolean): Promise<AsyncIterable<Uint8Array>>;
  /** What the next `up` goes on with. GantryError invalid for what is damaged, unavailable for what a newer version wrote, conflict where a cluster runs. */
  restore(backup: AsyncIterable<Uint8Array>, storage: StoreRequest | undefined): Promise<Restored>;
}
