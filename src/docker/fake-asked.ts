import type { CommitRequest, CreateRequest, ImportRequest, NetworkRequest } from '#container/engine/port.ts';
import type { EndpointRequest } from '#container/model/sandbox.ts';

/** The last thing that each operation of a fake engine was asked for. */
export interface FakeAsked {
  pull?: object;
  push?: object;
  create?: CreateRequest;
  import?: ImportRequest;
  importBytes?: number;
  commit?: CommitRequest;
  /** Layers of pulls that broke off. */
  dropped?: 'old' | 'all';
  network?: NetworkRequest;
  connect?: EndpointRequest;
  stop?: object;
  kill?: string;
  /** How often it was told that a start may come. */
  expectations?: number;
}
