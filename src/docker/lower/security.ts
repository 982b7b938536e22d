import type { SecuritySpec } from '#container/model/container-spec.ts';
import type { Json } from '#base/json.ts';
import type { CreateDefaults } from '../create-defaults.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { isObject } from '../decode.ts';
import { normaliseCapabilities } from './capability-names.ts';
import { invalid } from './invalid.ts';
import { lowerDeviceRequests, lowerDeviceRules, lowerDevices } from './resources.ts';

type Seccomp = SecuritySpec['seccomp'];

interface Options {
  readonly noNewPrivileges: boolean;
  readonly seccomp: Seccomp | undefined;
  readonly writableCgroups: boolean | undefined;
}

/** strconv.ParseBool. */
function parseBool(text: string, option: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw invalid(`invalid --security-opt 2: "${option}"`);
}

/** The value of `seccomp=`. @throws GantryError invalid for what is no profile */
export function lowerSecurityProfile(value: string): Seccomp {
  if (value === 'unconfined') return { kind: 'unconfined' };
  if (value === 'builtin' || value === '') return { kind: 'default' };
  try {
    if (isObject(JSON.parse(value) as Json)) return { kind: 'profile', json: value };
  } catch {
    // Said below, as for JSON that isn't an object.
  }
  throw invalid('Decoding seccomp profile failed: it is neither `unconfined`, `builtin` nor the JSON of a profile');
}

function parseOptions(options: readonly string[], defaults: CreateDefaults): Options {
  let { noNewPrivileges } = defaults;
  let seccomp: Seccomp | undefined = defaults.seccomp === '' ? undefined : lowerSecurityProfile(defaults.seccomp);
  let writableCgroups: boolean | undefined;
  for (const option of options) {
    const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':');
    if (option === 'no-new-privileges') noNewPrivileges = true;
    else if (option === 'writable-cgroups') writableCgroups = true;
    else if (option === 'disable') continue;
    else if (at < 0) throw invalid(`invalid --security-opt 1: "${option}"`);
    else {
      const value = option.slice(at + 1);
      switch (option.slice(0, at)) {
        case 'label': break;
        // Without AppArmor in the kernel a profile says nothing.
        case 'apparmor': break;
        case 'seccomp': seccomp = lowerSecurityProfile(value); break;
        case 'no-new-privileges': noNewPrivileges = parseBool(value, option); break;
        case 'writable-cgroups': writableCgroups = parseBool(value, option); break;
        default: throw invalid(`invalid --security-opt 2: "${option}"`);
      }
    }
  }
  return { noNewPrivileges, seccomp, writableCgroups };
}

/** Lists that the request does not name are the engine's own, which hide a little more than Docker's. */
function pathsOf(field: 'maskedPaths' | 'readonlyPaths', paths: readonly string[] | null): Partial<SecuritySpec> {
  return paths === null ? {} : { [field]: paths };
}

/**
 * A privileged container has no filter and no hidden path unless it asks for them.
 * @param asked the request before defaults were filled in
 */
export function lowerSecurity(host: HostConfig, asked: HostConfig, defaults: CreateDefaults): SecuritySpec {
  const options = parseOptions(host.SecurityOpt ?? [], defaults);
  const requests = lowerDeviceRequests(host);
  return {
    privileged: host.Privileged,
    capabilitiesAdd: normaliseCapabilities(host.CapAdd, 'CapAdd'),
    capabilitiesDrop: normaliseCapabilities(host.CapDrop, 'CapDrop'),
    noNewPrivileges: options.noNewPrivileges,
    seccomp: options.seccomp ?? { kind: host.Privileged ? 'unconfined' : 'default' },
    ...(host.Privileged ? { maskedPaths: [], readonlyPaths: [] } : { ...pathsOf('maskedPaths', asked.MaskedPaths), ...pathsOf('readonlyPaths', asked.ReadonlyPaths) }),
    ...(options.writableCgroups === undefined ? {} : { writableCgroups: options.writableCgroups }),
    devices: lowerDevices(host),
    deviceCgroupRules: lowerDeviceRules(host),
    ...(requests.length === 0 ? {} : { deviceRequests: requests }),
  };
}
