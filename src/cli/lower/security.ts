import { GantryError, messageOf } from '#base/error.ts';
import { invalid } from '../status-error.ts';
import { cut } from './split.ts';
import type { LowerWorld } from './world.ts';

export interface LoweredSecurity {
  readonly options: readonly string[];
  /** `systempaths=unconfined`: nothing under /proc and /sys is masked or read-only. */
  readonly unconfinedPaths: boolean;
}

/** `--security-opt` values. A seccomp profile is sent as its text, for the daemon can't read the caller's files. */
export function lowerSecurity(given: readonly string[], world: LowerWorld): LoweredSecurity {
  const options = given.map((option) => {
    const [key, value] = splitOption(option);
    if (key === 'no-new-privileges') return option;
    if (value === undefined || value === '') throw invalid(`Invalid --security-opt: ${JSON.stringify(option)}`);
    return key === 'seccomp' && value !== 'unconfined' && value !== 'builtin' ? `seccomp=${readProfile(value, world)}` : option;
  });
  const kept = options.filter((option) => option !== 'systempaths=unconfined');
  return { options: kept, unconfinedPaths: kept.length < options.length };
}

function splitOption(option: string): readonly [string, string | undefined] {
  const [key, value] = cut(option, '=');
  return value === undefined && key !== 'no-new-privileges' ? cut(option, ':') : [key, value];
}

function readProfile(path: string, world: LowerWorld): string {
  const text = attempt(`opening seccomp profile (${path}) failed`, () => new TextDecoder().decode(world.readFile(path)));
  return attempt(`compacting json for seccomp profile (${path}) failed`, () => JSON.stringify(JSON.parse(text)));
}

function attempt(complaint: string, action: () => string): string {
  try {
    return action();
  } catch (cause) {
    throw new GantryError('invalid', `${complaint}: ${messageOf(cause)}`, { cause });
  }
}
