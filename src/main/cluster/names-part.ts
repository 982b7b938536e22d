import { clusterNames } from '#cluster/agent/cluster-names.ts';
import { NameIndex } from '#cluster/agent/name-index.ts';
import type { SliceIndex } from '#cluster/agent/slice-index.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import type { ServiceRange } from './service-range.ts';

/** Names of services and pods. */
export interface NamesPart extends ClusterPart {
  /** Of its server at the gateway of the pods' network, once it is open. */
  readonly port: number;
  /** From now on names are known. */
  serve(): void;
}

export function namesPart({ engine, runtime }: ClusterCore, { cidr, names: { zone } }: ServiceRange, slices: SliceIndex): NamesPart {
  const objects = new NameIndex({ services: runtime.cache('services'), slices, pods: runtime.cache('pods'), namespaces: runtime.cache('namespaces') });
  let server: Awaited<ReturnType<typeof engine.names.listen>> | undefined;
  return {
    name: 'name server',
    get port() { return server?.port ?? 0; },
    async open() {
      server = await engine.names.listen(engine.info.defaultBridgeAddress, engine.networks.find('bridge').ipv4?.cidr ?? '127.0.0.0/8');
    },
    serve: () => engine.names.answerWith(clusterNames({ objects, zone, range: cidr })),
    close() {
      engine.names.answerWith(undefined);
      server?.close();
    },
  };
}
