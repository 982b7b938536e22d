import { invalid } from '../status-error.ts';
import type { DeviceMapping, DeviceRequest, ThrottleDevice, Ulimit, WeightDevice } from './create-body.ts';
import { parseCsvRecord } from './csv.ts';
import { parseSize } from './size.ts';
import { cut, toMap } from './split.ts';

/** `/dev/fuse`, `/dev/fuse:rw`, `/dev/sda:/dev/xvda:r`. */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(':');
  const [host = '', second, third] = parts;
  if (parts.length > 3 || host === '') throw invalid(`bad format for path: ${text}`);
  if (third !== undefined && !isDeviceMode(third)) throw invalid(`bad mode specified: ${third}`);
  const secondIsMode = second !== undefined && third === undefined && isDeviceMode(second);
  const inside = second === undefined || secondIsMode ? host : second;
  if (!inside.startsWith('/')) throw invalid(`${inside} is not an absolute path`);
  return {
    PathOnHost: host,
    PathInContainer: inside,
    CgroupPermissions: third ?? (secondIsMode ? second : 'rwm'),
  };
}

function isDeviceMode(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

/** A device of the Container Device Interface: `vendor.com/class=name`. */
export function isCdiName(text: string): boolean {
  return /^[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?\/[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?=[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$/.test(text);
}

/** `--device-cgroup-rule`: `c 1:3 mr`. */
export function checkDeviceCgroupRule(text: string): void {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(text)) throw invalid(`invalid device cgroup format '${text}'`);
}

const RATE_HELP = 'The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb';

/** `/dev/sda:10mb`, in bytes per second. */
export function parseByteRate(text: string): ThrottleDevice {
  const { path, rest } = devicePath(text);
  try {
    return { Path: path, Rate: parseSize(rest) };
  } catch {
    throw invalid(`invalid rate for device: ${text}. ${RATE_HELP}`);
  }
}

/** `/dev/sda:100`, in operations per second. */
export function parseOperationRate(text: string): ThrottleDevice {
  const { path, rest } = devicePath(text);
  if (!/^[0-9]+$/.test(rest)) {
    throw invalid(`invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`);
  }
  return { Path: path, Rate: Number(rest) };
}

/** `/dev/sda:300`, a weight from 10 to 1000, or 0. */
export function parseDeviceWeight(text: string): WeightDevice {
  const { path, rest } = devicePath(text);
  const weight = /^[0-9]+$/.test(rest) ? Number(rest) : -1;
  if (weight < 0 || weight > 1000 || (weight > 0 && weight < 10)) throw invalid(`invalid weight for device: ${text}`);
  return { Path: path, Weight: weight };
}

function devicePath(text: string): { readonly path: string; readonly rest: string } {
  const [path, rest] = cut(text, ':');
  if (rest === undefined || path === '') throw invalid(`bad format: ${text}`);
  if (!path.startsWith('/dev/')) throw invalid(`bad format for device path: ${text}`);
  return { path, rest };
}

const ULIMITS: ReadonlySet<string> = new Set([
  'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack',
]);

/** `nofile=1024:2048`; the hard limit is the soft one when left out, -1 is no limit. */
export function parseUlimit(text: string): Ulimit {
  const [name, limits] = cut(text, '=');
  if (limits === undefined) throw invalid(`invalid ulimit argument: ${text}`);
  if (!ULIMITS.has(name)) throw invalid(`invalid ulimit type: ${name}`);
  const parts = limits.split(':');
  if (parts.length > 2) throw invalid(`too many limit value arguments - ${limits}, can only have up to two, \`soft[:hard]\``);
  const bad = parts.find((part) => !/^[+-]?[0-9]+$/.test(part));
  if (bad !== undefined) throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(bad)}: invalid syntax`);
  const soft = Number(parts[0]);
  const hard = Number(parts[1] ?? parts[0]);
  if (hard !== -1 && soft === -1) {
    throw invalid(`ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: ${hard}`);
  }
  if (hard !== -1 && soft > hard) throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { Name: name, Hard: hard, Soft: soft };
}

/** `--gpus`: `all`, `2`, `"device=0,1"`, `driver=nvidia,capabilities=utility`. */
export function parseGpus(text: string): DeviceRequest {
  const given = new Map<string, string>();
  for (const field of parseCsvRecord(text)) {
    const [key, value] = cut(field, '=');
    if (given.has(key)) throw invalid(`gpu request key '${key}' can be specified only once`);
    if (value !== undefined && !['driver', 'count', 'device', 'capabilities', 'options'].includes(key)) {
      throw invalid(`unexpected key '${key}' in '${field}'`);
    }
    given.set(value === undefined ? 'count' : key, value ?? key);
  }
  const devices = given.get('device');
  const capabilities = given.get('capabilities');
  const options = given.get('options');
  return {
    Driver: given.get('driver') ?? '',
    Count: parseCount(given.get('count') ?? (devices === undefined ? '1' : '0')),
    DeviceIDs: devices === undefined ? null : devices.split(','),
    Capabilities: capabilities === undefined ? [['gpu']] : [[...capabilities.split(','), 'gpu']],
    Options: options === undefined ? {} : toMap(parseCsvRecord(options)),
  };
}

function parseCount(text: string): number {
  if (text === 'all') return -1;
  if (!/^[+-]?[0-9]+$/.test(text)) throw invalid(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`);
  return Number(text);
}
