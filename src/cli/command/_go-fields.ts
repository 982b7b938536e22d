/**
 * Templates may name fields as docker's Go types do, where JSON spells them otherwise (`ID` for `Id`), and fields that
 * JSON leaves out when they are empty (`State.Health`). Both are added unseen: `json` does not print them.
 */
type Fields = Record<string, unknown>;

/** Go's name of a field, by the object that has it ('' is the whole) and the name in JSON. */
const SPELLINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': { ID: 'Id', APIVersion: 'ApiVersion', EnableIPv4: 'EnableIPv4' },
  HostConfig: {
    CPUShares: 'CpuShares', NanoCPUs: 'NanoCpus', CPUPeriod: 'CpuPeriod', CPUQuota: 'CpuQuota', CPURealtimePeriod: 'CpuRealtimePeriod',
    CPURealtimeRuntime: 'CpuRealtimeRuntime', CPUCount: 'CpuCount', CPUPercent: 'CpuPercent', DNS: 'Dns', DNSOptions: 'DnsOptions', DNSSearch: 'DnsSearch',
  },
};

/** Fields that are left out when empty, and what is empty there. */
const OPTIONAL: Readonly<Record<string, Readonly<Fields>>> = {
  '': { SizeRw: null, SizeRootFs: null, ImageManifestDescriptor: null, RepoDigests: [], Variant: '', Author: '', Comment: '', DockerVersion: '' },
  State: { Health: null },
  Config: {
    Healthcheck: null, ExposedPorts: {}, StopSignal: '', StopTimeout: null, MacAddress: '', NetworkDisabled: false, Shell: null, ArgsEscaped: false,
    Labels: {}, Volumes: {}, Entrypoint: null, Cmd: null, Env: null,
  },
  HostConfig: { Init: null, Mounts: null, Tmpfs: {}, Sysctls: {}, StorageOpt: {}, Annotations: {}, Runtime: '', KernelMemory: 0, KernelMemoryTCP: 0 },
};

export function addGoFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const whole = value as Fields;
  // Only containers and images have these parts; a network's or volume's own fields are all there.
  const known = 'Config' in whole || 'State' in whole;
  for (const part of known ? ['', 'State', 'Config', 'HostConfig'] : ['']) {
    const object = part === '' ? whole : whole[part];
    if (typeof object !== 'object' || object === null) continue;
    if (known) for (const [name, empty] of Object.entries(OPTIONAL[part] ?? {})) addUnseen(object as Fields, name, empty);
    for (const [goName, jsonName] of Object.entries(SPELLINGS[part] ?? {})) {
      if (Object.hasOwn(object, jsonName)) addUnseen(object as Fields, goName, (object as Fields)[jsonName]);
    }
  }
  return whole;
}

function addUnseen(object: Fields, name: string, value: unknown): void {
  if (!Object.hasOwn(object, name)) Object.defineProperty(object, name, { value, enumerable: false });
}
