import { DockerfileError, type Lines } from '../dockerfile-error.ts';
import type { CheckOptions } from './check-options.ts';
import { rules, type RuleName } from './rules.ts';
import type { Warning } from './warning.ts';

/** Gathers what the rules find that are on. */
export class Linter {
  readonly warnings: Warning[] = [];
  readonly #options: CheckOptions;

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  report(rule: RuleName, lines: Lines, message: string = rules[rule].description): void {
    const { description, url, isExperimental } = rules[rule];
    const isOn = isExperimental ? includes(this.#options.experimental, rule) : !includes(this.#options.skip, rule);
    if (isOn) this.warnings.push({ rule, description, url, message, lines });
  }
}

function includes(set: 'all' | ReadonlySet<string>, rule: string): boolean {
  return set === 'all' || set.has(rule);
}

/** The refusal of `check=error=true` for what all stages together found; undefined where the build may go on. */
export function violation(options: CheckOptions, warnings: readonly Warning[]): DockerfileError | undefined {
  if (!options.isError || warnings.length === 0) return undefined;
  return new DockerfileError(`lint violation found for rules: ${[...new Set(warnings.map(({ rule }) => rule))].join(', ')}`);
}
