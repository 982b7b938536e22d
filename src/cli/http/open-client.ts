import type { GlobalOptions } from '../global-options.ts';
import type { CliIo } from '../command-spec.ts';
import { product } from '../product.ts';
import { ApiClient } from './api-client.ts';
import { ConnectionError } from './connect.ts';

/** A client that has agreed on a version with the daemon. The default daemon is started when nobody answers there. */
export async function openClient(options: GlobalOptions, io: CliIo): Promise<ApiClient> {
  const client = new ApiClient({
    address: options.address,
    tls: options.tls,
    fixedVersion: options.apiVersion,
    userAgent: `${product.title}-Client/${product.version} (linux)`,
  });
  try {
    await client.negotiate();
  } catch (error) {
    const mayStart = options.isDefaultAddress && options.address.kind === 'unix' && io.ensureDaemon !== undefined;
    if (!(error instanceof ConnectionError) || error.code === 'EACCES' || !mayStart) throw error;
    await io.ensureDaemon?.(options.address.path);
    await client.negotiate();
  }
  return client;
}
