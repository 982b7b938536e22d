import type { Config, HealthConfig } from '../wire/config.ts';
import { invalid } from './invalid.ts';

const isEmpty = (list: readonly unknown[] | null): boolean => list === null || list.length === 0;

function mergeRecords<T>(image: Readonly<Record<string, T>> | null | undefined, own: Readonly<Record<string, T>> | null | undefined): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, image, own);
}

function mergeEnv(image: readonly string[] | null, own: readonly string[] | null): readonly string[] | null {
  if (own === null || own.length === 0) return image;
  const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? '';
  const names = new Set(own.map(nameOf));
  return [...own, ...(image ?? []).filter((entry) => !names.has(nameOf(entry)))];
}

function mergeHealth(image: HealthConfig | null | undefined, own: HealthConfig | null | undefined): HealthConfig | null | undefined {
  if (image === null || image === undefined || own === null || own === undefined) return own ?? image;
  // An absent field is the zero value: what the request has set wins.
  return { ...image, ...own };
}

/**
 * The configuration of a container: what the request leaves out comes from the image. A request with an
 * entrypoint of its own gets no command of the image's. An entrypoint of `[""]` takes the image's away.
 */
export function mergeImageConfig(own: Config, image: Config): Config {
  const { ExposedPorts, Healthcheck, StopSignal, ...rest } = own;
  const exposed = mergeRecords(image.ExposedPorts, ExposedPorts);
  const healthcheck = mergeHealth(image.Healthcheck, Healthcheck);
  const stopSignal = StopSignal ?? image.StopSignal;
  const hasEntrypoint = !isEmpty(own.Entrypoint);
  const entrypoint = hasEntrypoint || own.Entrypoint !== null ? own.Entrypoint : image.Entrypoint;
  return {
    ...rest,
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    ...(healthcheck ? { Healthcheck: healthcheck } : {}),
    ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
    User: own.User === '' ? image.User : own.User,
    Env: mergeEnv(image.Env, own.Env),
    Labels: mergeRecords(image.Labels, own.Labels),
    Cmd: !hasEntrypoint && isEmpty(own.Cmd) ? image.Cmd : own.Cmd,
    Entrypoint: entrypoint?.length === 1 && entrypoint[0] === '' ? null : entrypoint,
    WorkingDir: own.WorkingDir === '' ? image.WorkingDir : own.WorkingDir,
    Volumes: Object.keys(own.Volumes ?? {}).length === 0 ? image.Volumes : mergeRecords(image.Volumes, own.Volumes),
  };
}

/** The program and its arguments. */
export function commandOf(config: Config): readonly string[] {
  const args = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (args.length === 0) throw invalid('no command specified');
  return args;
}
