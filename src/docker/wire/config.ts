import { bool, integer, list, map, nothing, nullable, optional, struct, text, words, type Decoded } from '../decode.ts';

/** Durations are nanoseconds. */
export const HEALTH_CONFIG = struct('container.HealthConfig', {
  Test: optional(list(text)),
  Interval: optional(integer()),
  Timeout: optional(integer()),
  StartPeriod: optional(integer()),
  StartInterval: optional(integer()),
  Retries: optional(integer('int')),
});

/** `ContainerConfig` of the API, also the `config` of an image's configuration. */
export const CONFIG = struct('container.Config', {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: optional(map(nothing, 'nat.PortSet')),
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: list(text),
  Cmd: words,
  Healthcheck: optional(nullable(HEALTH_CONFIG)),
  ArgsEscaped: optional(bool),
  Image: text,
  Volumes: map(nothing, 'map[string]struct {}'),
  WorkingDir: text,
  Entrypoint: words,
  NetworkDisabled: optional(bool),
  MacAddress: optional(text),
  OnBuild: list(text),
  Labels: map(text),
  StopSignal: optional(text),
  StopTimeout: optional(nullable(integer('int'))),
  Shell: optional(words),
});

export type Config = Decoded<typeof CONFIG>;
export type HealthConfig = Decoded<typeof HEALTH_CONFIG>;
