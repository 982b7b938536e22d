import type { SecuritySpec } from '#container/model/container-spec.ts';
import type { Json } from '#base/json.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { isObject } from '../decode.ts';
import { normaliseCapabilities } from './capability-names.ts';
import { invalid } from './invalid.ts';
import { lowerDeviceRules, lowerDevices } from './resources.ts';

type Seccomp = SecuritySpec['seccomp'];

interface Options {
  readonly noNewPrivileges: boolean;
  readonly seccomp: Seccomp | undefined;
  readonly openPaths: boolean;
  readonly warnings: readonly string[];
}

/** strconv.ParseBool. */
function parseBool(text: string, option: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw invalid(`invalid --security-opt 2: "${option}"`);
}

function parseSeccomp(value: string): Seccomp {
  if (value === 'unconfined') return { kind: 'unconfined' };
  if (value === 'builtin' || value === '') return { kind: 'default' };
  try {
    if (isObject(JSON.parse(value) as Json)) return { kind: 'profile', json: value };
  } catch {
    // Said below, as for JSON that isn't an object.
  }
  throw invalid('Decoding seccomp profile failed: it is neither `unconfined`, `builtin` nor the JSON of a profile');
}

function parseOptions(options: readonly string[]): Options {
  let noNewPrivileges = false;
  let seccomp: Seccomp | undefined;
  let openPaths = false;
  const warnings: string[] = [];
  for (const option of options) {
    const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':');
    if (option === 'no-new-privileges') noNewPrivileges = true;
    else if (option === 'disable') continue;
    else if (at < 0) throw invalid(`invalid --security-opt 1: "${option}"`);
    else {
      const value = option.slice(at + 1);
      switch (option.slice(0, at)) {
        case 'label': break;
        case 'apparmor':
          if (value !== 'unconfined' && value !== 'docker-default' && value !== '') warnings.push(`The AppArmor profile '${value}' is not applied: this engine has no AppArmor support.`);
          break;
        case 'seccomp': seccomp = parseSeccomp(value); break;
        case 'no-new-privileges': noNewPrivileges = parseBool(value, option); break;
        case 'systempaths':
          if (value !== 'unconfined') throw invalid(`invalid --security-opt 2: "${option}"`);
          openPaths = true;
          break;
        default: throw invalid(`invalid --security-opt 2: "${option}"`);
      }
    }
  }
  return { noNewPrivileges, seccomp, openPaths, warnings };
}

/** A privileged container has no filter and no hidden path unless it asks for them. */
export function lowerSecurity(host: HostConfig): { readonly security: SecuritySpec; readonly warnings: readonly string[] } {
  const options = parseOptions(host.SecurityOpt ?? []);
  const isOpen = options.openPaths || host.Privileged;
  return {
    warnings: options.warnings,
    security: {
      privileged: host.Privileged,
      capabilitiesAdd: normaliseCapabilities(host.CapAdd, 'CapAdd'),
      capabilitiesDrop: normaliseCapabilities(host.CapDrop, 'CapDrop'),
      noNewPrivileges: options.noNewPrivileges,
      seccomp: options.seccomp ?? { kind: host.Privileged ? 'unconfined' : 'default' },
      maskedPaths: isOpen ? [] : (host.MaskedPaths ?? []),
      readonlyPaths: isOpen ? [] : (host.ReadonlyPaths ?? []),
      devices: lowerDevices(host),
      deviceCgroupRules: lowerDeviceRules(host),
    },
  };
}
