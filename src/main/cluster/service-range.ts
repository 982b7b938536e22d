import { GantryError, isKind } from '#base/error.ts';
import type { ClusterZone } from '#cluster/agent/pod-dns.ts';
import { nthAddress, parseCidr, sizeOf, type Cidr } from '#net/cidr.ts';
import { formatIp } from '#net/ip.ts';
import type { ClusterCore } from './cluster-core.ts';

/** Where the services of a cluster have their addresses. */
export interface ServiceRange {
  readonly text: string;
  readonly cidr: Cidr;
  /** Of the API, where pods find it. */
  readonly apiAddress: string;
  readonly names: ClusterZone;
}

/** The first is upstream's; with another engine's cluster on the same host each has its own. */
const RANGES = Array.from({ length: 32 }, (_, index) => `10.${96 + index}.0.0/16`);
const SMALLEST_RANGE = 16n;
const NAME = 'kubernetes';
const ZONE = 'cluster.local';

/** @param asked absent: what the cluster has, or the first range that is free */
export async function claimServiceRange(core: ClusterCore, asked: string | undefined): Promise<ServiceRange> {
  const text = await claim(core, asked);
  const cidr = parseCidr(text);
  return { text, cidr, apiAddress: formatIp(nthAddress(cidr, 1)), names: { zone: ZONE, server: formatIp(nthAddress(cidr, 10)) } };
}

/** Writes down which range the cluster has, for its next life. */
export async function noteServiceRange({ resource, local }: ClusterCore, { text }: ServiceRange): Promise<void> {
  await local.create(resource('servicecidrs', 'networking.k8s.io'), undefined, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: NAME }, spec: { cidrs: [text] } }).catch((thrown: unknown) => {
    if (!isKind(thrown, 'conflict')) throw thrown;
  });
}

async function claim({ engine, objects, resource }: ClusterCore, range: string | undefined): Promise<string> {
  const present = await objects.find(resource('servicecidrs', 'networking.k8s.io'), undefined, NAME);
  const [kept] = (present?.['spec'] as { readonly cidrs?: readonly string[] } | undefined)?.cidrs ?? [];
  if (kept !== undefined && range !== undefined && range !== kept) throw new GantryError('conflict', `the services of this cluster have their addresses in ${kept}, not in ${range}`, { hint: 'take the cluster down first: gantry cluster down' });
  const asked = kept ?? range;
  if (asked !== undefined) {
    const { family } = parseCidr(asked);
    if (family !== 4 || sizeOf(parseCidr(asked)) < SMALLEST_RANGE) throw new GantryError('invalid', `${asked} is no range for services: it takes IPv4 and ${SMALLEST_RANGE} addresses at least`);
    await engine.services.claim(asked);
    return asked;
  }
  for (const candidate of RANGES) {
    try {
      await engine.services.claim(candidate);
      return candidate;
    } catch (thrown) {
      if (!isKind(thrown, 'conflict')) throw thrown;
    }
  }
  throw new GantryError('exhausted', `no range is free for services: this host uses all from ${RANGES[0] ?? ''} on`, { hint: 'name one: gantry cluster up --service-cidr 10.200.0.0/16' });
}
