/** The parts of the body of POST /containers/create that a service can fill. What is left out has the daemon's default. */
export interface CreateRequest {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly AttachStdout: true;
  readonly AttachStderr: true;
  readonly AttachStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Healthcheck?: HealthRequest;
  readonly Image: string;
  readonly WorkingDir?: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, EndpointRequest>> };
}

/** Durations in nanoseconds. */
export interface HealthRequest {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface EndpointRequest {
  readonly Aliases: readonly string[];
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string; readonly LinkLocalIPs?: readonly string[] };
  readonly Links?: readonly string[];
  readonly MacAddress?: string;
  readonly DriverOpts?: Readonly<Record<string, string>>;
  readonly GwPriority?: number;
}

/** The entries that have a value. Zero, false and empty are values here. */
export function given<T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Undefined for what JSON's reader in the daemon takes for nothing. */
export function nonEmpty<T>(value: T | undefined): T | undefined {
  if (value === undefined || value === ('' as T) || value === (0 as T) || value === (false as T)) return undefined;
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

/** A map of text as the object that JSON needs. Its prototype is none, for its keys are the user's. */
export function asObject<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const object = Object.create(null) as Record<string, T>;
  for (const [key, value] of entries) object[key] = value;
  return object;
}
