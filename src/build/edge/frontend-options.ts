import { GantryError } from '#base/error.ts';
import { readAttestationRequest } from '../solver/attest/attestation-request.ts';
import type { RunMachine } from '../solver/operation.ts';

/** What a client asked of the Dockerfile frontend (BuildKit frontend/dockerui/config.go), read from its attributes. */
export interface FrontendOptions {
  readonly fileName: string;
  readonly target: string | undefined;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly platforms: readonly string[];
  /** Undefined: the cache is used; empty: for nothing. */
  readonly noCache: readonly string[] | undefined;
  /** `--build-context`, by name. */
  readonly contexts: ReadonlyMap<string, string>;
  /** Configs of images that inputs are, as JSON. */
  readonly inputMetadata: ReadonlyMap<string, string>;
  readonly contextName: string;
  readonly dockerfileName: string;
  /** A remote context: an address, or what the client uploads. */
  readonly remote: string | undefined;
  readonly network: 'default' | 'none' | 'host';
  readonly machine: RunMachine;
  readonly cacheNamespace: string;
  readonly epochSeconds: number | undefined;
  /** `--call`: what is wanted instead of a result. */
  readonly request: string | undefined;
  readonly pull: boolean;
}

export function readFrontendOptions(attributes: ReadonlyMap<string, string>): FrontendOptions {
  const get = (key: string): string | undefined => attributes.get(key);
  const withPrefix = (prefix: string): Map<string, string> => new Map([...attributes].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]));
  const buildArgs = withPrefix('build-arg:');
  const noCache = get('no-cache');
  const context = get('context');
  const shmSize = get('shm-size');
  // What can't be made is told before anything runs.
  readAttestationRequest(attributes);
  return {
    fileName: get('filename') ?? 'Dockerfile',
    target: get('target'),
    buildArgs,
    labels: withPrefix('label:'),
    platforms: (get('platform') ?? '').split(',').filter(Boolean),
    noCache: noCache === undefined ? undefined : noCache.split(',').filter(Boolean),
    contexts: withPrefix('context:'),
    inputMetadata: withPrefix('input-metadata:'),
    contextName: get('contextkey') ?? 'context',
    dockerfileName: get('dockerfilekey') ?? 'dockerfile',
    remote: context === undefined || context === '' ? undefined : context,
    network: networkOf(get('force-network-mode')),
    machine: {
      hostname: buildArgs.get('BUILDKIT_SANDBOX_HOSTNAME') ?? get('hostname') ?? '',
      extraHosts: hostsOf(get('add-hosts') ?? ''),
      ulimits: (get('ulimit') ?? '').split(',').filter(Boolean).map(ulimitOf),
      ...(shmSize === undefined || shmSize === '' || shmSize === '0' ? {} : { shmSizeBytes: integerOf('shm-size', shmSize) }),
    },
    cacheNamespace: buildArgs.get('BUILDKIT_CACHE_MOUNT_NS') ?? '',
    epochSeconds: epochOf(buildArgs.get('SOURCE_DATE_EPOCH')),
    request: get('requestid'),
    pull: get('image-resolve-mode') === 'pull',
  };
}

function networkOf(mode: string | undefined): FrontendOptions['network'] {
  switch (mode) {
    case undefined: case '': case 'default': case 'sandbox': case 'bridge': return 'default';
    case 'none': case 'host': return mode;
    default: throw new GantryError('invalid', `invalid netmode ${mode}`);
  }
}

/** `name=address`, by commas. */
function hostsOf(text: string): string[] {
  return text.split(',').filter(Boolean).map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new GantryError('invalid', `invalid key-value pair: ${pair}`);
    return `${pair.slice(0, at)}:${pair.slice(at + 1)}`;
  });
}

/** `nofile=1024:2048`. */
function ulimitOf(text: string): RunMachine['ulimits'][number] {
  const [, name = '', soft = '', hard = soft] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (name === '') throw new GantryError('invalid', `invalid ulimit: ${text}`);
  return { name, soft: Number(soft), hard: Number(hard) };
}

function integerOf(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new GantryError('invalid', `invalid ${name}: ${text}`);
  return Number(text);
}

export function epochOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,12}$/.test(text)) throw new GantryError('invalid', `invalid SOURCE_DATE_EPOCH: ${text}`);
  return Number(text);
}
