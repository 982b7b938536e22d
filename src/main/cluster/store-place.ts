import { GantryError } from '#base/error.ts';
import type { StoreRequest } from '#docker/edge/cluster-control.ts';

/** Where a cluster keeps what it knows. */
export type StorePlace =
  | { readonly kind: 'file' }
  | {
    readonly kind: 'etcd';
    /** `http://127.0.0.1:2379` */
    readonly endpoints: readonly string[];
    /** What all keys begin with. */
    readonly base: string;
    /** Files in PEM, on the machine of the daemon. */
    readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  };

const HINT = 'as in --store etcd://127.0.0.1:2379, https://a:2379,b:2379/clusters/one with --store-ca, or file';

/**
 * `file`, or `etcd://HOST:PORT[,HOST:PORT...][/BASE]`; `https://` and certificates for an etcd that wants TLS. Keys begin with `/`,
 * or with `/BASE/`.
 * @throws GantryError invalid
 */
export function parseStorePlace({ url, ca, cert, key }: StoreRequest): StorePlace {
  const files = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  const hasFiles = Object.keys(files).length > 0;
  if (url === 'file') {
    if (hasFiles) throw new GantryError('invalid', 'certificates are for an etcd, not for a file', { hint: HINT });
    return { kind: 'file' };
  }
  const [, scheme, hosts, base = ''] = /^(etcd|http|https):\/\/([^/?#@\s]+)(\/[!-~]*)?$/.exec(url) ?? [];
  if (scheme === undefined || hosts === undefined) throw new GantryError('invalid', `${JSON.stringify(url)} is no store`, { hint: HINT });
  if ((cert === undefined) !== (key === undefined)) throw new GantryError('invalid', '--store-cert and --store-key go together');
  if (scheme === 'http' && hasFiles) throw new GantryError('invalid', `certificates are for https, not for ${url}`, { hint: HINT });
  const isTls = scheme === 'https' || hasFiles;
  const endpoints = hosts.split(',').map((host) => {
    const parsed = URL.parse(`http://${host}`);
    if (parsed === null || parsed.port === '' && !host.endsWith(':80')) throw new GantryError('invalid', `${JSON.stringify(host)} is no host with a port`, { hint: HINT });
    return `${isTls ? 'https' : 'http'}://${host}`;
  });
  return { kind: 'etcd', endpoints, base: `${base.replace(/\/+$/, '')}/`, files };
}

export function describeStore(place: StorePlace): string {
  return place.kind === 'file' ? 'a file of the daemon' : `etcd at ${place.endpoints.join(', ')}, below ${place.base}`;
}
