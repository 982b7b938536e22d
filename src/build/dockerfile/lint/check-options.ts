import { DockerfileError } from '../dockerfile-error.ts';
import { goBoolean } from '../instruction/_boolean.ts';
import { quote } from '../_quote.ts';
import { trim } from '../_space.ts';

/** The `check` directive: which rules are on, and whether a finding fails the build. */
export interface CheckOptions {
  readonly skip: 'all' | ReadonlySet<string>;
  readonly experimental: 'all' | ReadonlySet<string>;
  readonly isError: boolean;
}

const NONE: CheckOptions = { skip: new Set(), experimental: new Set(), isError: false };

/** `skip=Rule,Rule;error=true;experimental=all`. */
export function parseCheckOptions(text: string): CheckOptions {
  let options = NONE;
  if (trim(text) === '') return options;
  for (const part of splitAtMost(trim(text), ';', 3)) {
    const sign = part.indexOf('=');
    if (sign < 0) throw refused(`invalid check option ${quote(part)}`, part);
    const key = trim(part.slice(0, sign));
    const value = trim(part.slice(sign + 1));
    switch (key) {
      case 'skip': options = { ...options, skip: ruleSet(value) }; break;
      case 'experimental': options = { ...options, experimental: ruleSet(value) }; break;
      case 'error': {
        const isError = goBoolean(value);
        if (isError === undefined) throw refused(`failed to parse check option ${quote(part)}: strconv.ParseBool: parsing ${quote(value)}: invalid syntax`, part);
        options = { ...options, isError };
        break;
      }
      default: throw refused(`invalid check option ${quote(key)}`, part);
    }
  }
  return options;
}

function ruleSet(value: string): 'all' | ReadonlySet<string> {
  return value === 'all' ? 'all' : new Set(value.split(',').map(trim));
}

function splitAtMost(text: string, separator: string, count: number): string[] {
  const parts = text.split(separator);
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function refused(message: string, token: string): DockerfileError {
  return new DockerfileError(`failed to parse check options: ${message}`, { token });
}
