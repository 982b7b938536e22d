/** Where a cluster's API is to listen. */
export interface ClusterUpRequest {
  readonly address: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Addresses for services, as a CIDR; absent: chosen. */
  readonly serviceRange?: string;
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
}
