import type { Snapshots } from '#image/snapshot/port.ts';
import type { Hasher } from '#base/hasher.ts';
import type { ExecutorPorts } from '../step-executor.ts';

/** One `--cache-to` or `--cache-from`. */
export interface CacheOption {
  readonly type: string;
  readonly attrs: ReadonlyMap<string, string>;
}

export interface CachePorts extends ExecutorPorts {
  readonly snapshots: Pick<Snapshots, 'exportLayer' | 'compressLayer' | 'unpack' | 'layer'>;
  readonly hasher: Hasher;
  readonly log: (line: string) => void;
}
