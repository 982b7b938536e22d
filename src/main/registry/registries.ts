import { SystemClock, SystemTimers } from '#base/edge/system-clock.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { SystemRandom } from '#base/edge/system-random.ts';
import { product } from '#cli/product.ts';
import { HttpTransport } from '#image/registry/edge/http-transport.ts';
import { proxyEnvironment } from '#image/registry/proxy-choice.ts';
import { Registries } from '#image/registry/registries.ts';
import { DEFAULT_REGISTRY_CONFIG } from '#image/registry/registry-config.ts';

/** Registries as a command of this machine reaches them, without the engine. */
export function registriesOfThisMachine(insecure: readonly string[]): Registries {
  const transport = new HttpTransport({ certificates: '/etc/docker/certs.d', userAgent: `gantry/${product.version}`, proxies: proxyEnvironment(process.env), env: process.env });
  return new Registries({ transport, clock: new SystemClock(), timers: new SystemTimers(), random: new SystemRandom(), hasher: new SystemHasher() }, { ...DEFAULT_REGISTRY_CONFIG, insecure });
}
