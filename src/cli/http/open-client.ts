import type { GlobalOptions } from '../global-options.ts';
import type { CliIo } from '../command-spec.ts';
import { product } from '../product.ts';
import { ApiClient } from './api-client.ts';
import { ConnectionError } from './connect.ts';

/** A client that asks which version the daemon speaks. Failures are told to who awaits the answer. */
export interface Approach {
  readonly client: ApiClient;
  readonly agreed: Promise<void>;
}

/** Asks, and starts no daemon. */
export function approachDaemon(options: GlobalOptions): Approach {
  const client = new ApiClient({
    address: options.address,
    tls: options.tls,
    fixedVersion: options.apiVersion,
    userAgent: `${product.title}-Client/${product.version} (linux)`,
  });
  const agreed = client.negotiate();
  agreed.catch(() => undefined);
  return { client, agreed };
}

/** A client that has agreed on a version with the daemon. The default daemon is started when nobody answers there. */
export async function openClient({ client, agreed }: Approach, options: GlobalOptions, io: CliIo): Promise<ApiClient> {
  try {
    await agreed;
  } catch (error) {
    const mayStart = options.isDefaultAddress && options.address.kind === 'unix' && io.ensureDaemon !== undefined;
    if (!(error instanceof ConnectionError) || error.code === 'EACCES' || !mayStart) throw error;
    await io.ensureDaemon?.(options.address.path);
    await client.negotiate();
  }
  return client;
}
