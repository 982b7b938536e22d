import { SystemTimers } from '#base/edge/system-clock.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { SystemRandom } from '#base/edge/system-random.ts';
import type { Clock } from '#base/clock.ts';
import { product } from '#cli/product.ts';
import type { CollectorOptions } from '#container/engine/image-gc/collector.ts';
import type { EnginePorts } from '#container/engine/ports.ts';
import { DiskBlobs } from '#image/blob/edge/disk-blobs.ts';
import { HttpTransport } from '#image/registry/edge/http-transport.ts';
import { KeyVerifier } from '#image/registry/edge/key-verifier.ts';
import { RegistryServer } from '#image/registry/edge/registry-server.ts';
import { OPEN } from '#image/registry/server/access.ts';
import type { RegistryContent } from '#image/registry/server/content.ts';
import { RegistryHandler } from '#image/registry/server/handler.ts';
import { RegistryMetrics } from '#image/registry/server/metrics.ts';
import { proxyEnvironment } from '#image/registry/proxy-choice.ts';
import { Registries } from '#image/registry/registries.ts';
import type { Transport } from '#image/registry/transport.ts';
import { TrustPolicy } from '#image/registry/trust.ts';
import { diskUse } from './disk-use.ts';
import type { ImageOptions } from './image-options.ts';

/** To registries, and to servers that builds fetch files from. */
export function openTransport({ certificates }: ImageOptions): Transport {
  return new HttpTransport({ certificates, userAgent: `gantry/${product.version}`, proxies: proxyEnvironment(process.env), env: process.env });
}

/** What the engine needs for images from elsewhere. */
export async function openImagePorts(root: string, options: ImageOptions, clock: Clock, transport: Transport): Promise<Pick<EnginePorts, 'documents' | 'registries' | 'trust'>> {
  return {
    documents: await DiskBlobs.open(`${root}/documents`),
    registries: new Registries({ transport, clock, timers: new SystemTimers(), random: new SystemRandom(), hasher: new SystemHasher() }, options.registries),
    trust: new TrustPolicy(options.trust, new KeyVerifier()),
  };
}

/** Serves the engine's images to its neighbours, who can only read. */
export async function shareImages(content: RegistryContent, { host, port }: { readonly host: string; readonly port: number }, log: (line: string) => void): Promise<RegistryServer> {
  const handler = new RegistryHandler({ content, access: OPEN, hasher: new SystemHasher(), log });
  const server = new RegistryServer({ handle: (request) => handler.handle(request), metrics: new RegistryMetrics(), log });
  log(`images are shared at ${host}:${await server.listen(host, port)}: whoever reaches it may pull them`);
  return server;
}

/** How often the disk is looked at. */
const LOOK_EVERY_MS = 10_000;

/** The watermarks, with the file system of the root as their disk. */
export function collectorOf(root: string, { collect }: ImageOptions): { readonly collector?: CollectorOptions } {
  if (collect === undefined) return {};
  const { high, low, graceMs } = collect;
  return { collector: { disk: { use: () => diskUse(root) }, watermarks: { high, low, graceNs: BigInt(graceMs) * 1_000_000n }, everyMs: LOOK_EVERY_MS } };
}
