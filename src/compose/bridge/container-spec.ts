import type { JsonObject } from '#base/json.ts';
import { imageName } from '../lower/names.ts';
import type { Healthcheck, Hook, Service } from '../model/service-kind.ts';
import { compareText } from '../value/go-text.ts';
import type { Conversion } from './conversion.ts';
import { some, someOf } from './manifest.ts';
import { resourcesOf } from './resources.ts';
import { containerSecurity } from './security.ts';

const VARIABLE = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const DEFAULT_INTERVAL = 30_000_000_000n;
const DEFAULT_RETRIES = 3;

/** One container of a pod. What it mounts is added by who makes the pod's volumes. */
export function containerSpec(conversion: Conversion, name: string, service: Service): JsonObject {
  const path = `services.${name}`;
  return {
    name,
    image: imageName(conversion.project, name, service),
    imagePullPolicy: pullPolicy(service),
    ...commands(conversion, path, service),
    workingDir: service.working_dir,
    env: environment(conversion, path, service),
    ports: containerPorts(service),
    resources: resourcesOf(conversion, path, service),
    readinessProbe: probe(service.healthcheck),
    lifecycle: lifecycle(conversion, path, service),
    securityContext: containerSecurity(conversion, path, service),
    stdin: service.stdin_open === true ? true : undefined,
    tty: service.tty === true ? true : undefined,
  };
}

/** Kubernetes would pull `latest` each time: an image that was built here is in no registry yet. */
function pullPolicy({ pull_policy = '' }: Service): string {
  if (pull_policy === 'never') return 'Never';
  return ['always', 'refresh', 'daily', 'weekly'].includes(pull_policy) || pull_policy.startsWith('every_') ? 'Always' : 'IfNotPresent';
}

/** Kubernetes replaces `$(NAME)` in commands and variables, and takes `$$` for one dollar sign; compose has done its own. */
function literal(text: string): string {
  return /\$[$(]/.test(text) ? text.replaceAll('$', '$$$$') : text;
}

/** With an entrypoint, given or emptied, the image's own arguments do not count in either world. */
function commands({ findings }: Conversion, path: string, { entrypoint, command }: Service): JsonObject {
  const args = some((command ?? []).map(literal));
  if (entrypoint === undefined) return { args };
  const cleared = entrypoint.length === 0 || (entrypoint.length === 1 && entrypoint[0] === '');
  if (!cleared) return { command: entrypoint.map(literal), args };
  if (args === undefined) findings.refuse(`${path}.entrypoint`, 'it empties what the image runs, and there is no command', 'say the command');
  return { command: args };
}

function environment({ findings }: Conversion, path: string, { environment: variables }: Service): readonly JsonObject[] | undefined {
  const given = [...(variables ?? [])].filter((entry): entry is [string, string] => entry[1] !== null).toSorted(([a], [b]) => compareText(a, b));
  for (const [name] of given) if (!VARIABLE.test(name)) findings.refuse(`${path}.environment`, `${JSON.stringify(name)} is no name of a variable in Kubernetes`, 'use letters, digits, "_", "-" and "."');
  return some(given.map(([name, value]) => ({ name, value: literal(value) })));
}

function containerPorts({ ports = [], expose = [] }: Service): readonly JsonObject[] | undefined {
  const found = new Map<string, JsonObject>();
  const add = (containerPort: number, protocol: string, more: JsonObject = {}): void => {
    const key = `${containerPort}/${protocol.toUpperCase()}`;
    found.set(key, { containerPort, protocol: protocol.toUpperCase(), ...found.get(key), ...more });
  };
  for (const { target = 0, protocol = 'tcp', mode, published = '', host_ip } of ports) {
    add(target, protocol, mode === 'host' && published !== '' ? { hostPort: Number(published.split('-')[0]), ...(host_ip === undefined ? {} : { hostIP: host_ip }) } : {});
  }
  for (const entry of expose) {
    const [, first = '', last = first, protocol = 'tcp'] = /^([0-9]+)(?:-([0-9]+))?(?:\/([a-z]+))?$/.exec(entry) ?? [];
    for (let port = Number(first); first !== '' && port <= Number(last); port++) add(port, protocol);
  }
  return some([...found.values()]);
}

const wholeSeconds = (nanoseconds: bigint): number => Math.max(1, Math.ceil(Number(nanoseconds) / 1e9));

/** A container that is not healthy gets no requests, and is not ended for it, as in Docker: readiness, not liveness. */
function probe(check: Healthcheck | undefined): JsonObject | undefined {
  const [form, ...rest] = check?.test ?? [];
  if (check === undefined || form === undefined || form === 'NONE' || check.disable === true) return undefined;
  return {
    exec: { command: form === 'CMD-SHELL' ? ['/bin/sh', '-c', ...rest] : form === 'CMD' ? rest : [form, ...rest] },
    periodSeconds: wholeSeconds(check.interval ?? DEFAULT_INTERVAL), timeoutSeconds: wholeSeconds(check.timeout ?? DEFAULT_INTERVAL), failureThreshold: check.retries || DEFAULT_RETRIES,
  };
}

function lifecycle(conversion: Conversion, path: string, service: Service): JsonObject | undefined {
  return someOf({ postStart: handler(conversion, `${path}.post_start`, service.post_start), preStop: handler(conversion, `${path}.pre_stop`, service.pre_stop), stopSignal: stopSignal(conversion, path, service) });
}

function handler({ findings }: Conversion, path: string, hooks: readonly Hook[] | undefined): JsonObject | undefined {
  const [first, second] = hooks ?? [];
  if (first === undefined) return undefined;
  if (second !== undefined) findings.refuse(path, 'Kubernetes runs one command there', 'make it one script');
  const foreign = (['user', 'privileged', 'working_dir', 'environment'] as const).find((key) => first[key] !== undefined && first[key] !== false);
  if (foreign !== undefined) findings.refuse(`${path}.${foreign}`, 'Kubernetes runs the command as the container is', 'say it in the command itself');
  return { exec: { command: first.command ?? [] } };
}

function stopSignal({ findings }: Conversion, path: string, { stop_signal = '' }: Service): string | undefined {
  if (stop_signal === '') return undefined;
  const name = stop_signal.toUpperCase();
  if (!/^(SIG)?[A-Z][A-Z0-9+-]+$/.test(name)) findings.refuse(`${path}.stop_signal`, `Kubernetes knows signals by their names, not ${stop_signal}`, 'write its name: SIGINT');
  return name.startsWith('SIG') ? name : `SIG${name}`;
}
