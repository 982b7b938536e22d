import { DockerfileError } from '../dockerfile-error.ts';
import { trim } from '../_space.ts';
import { cleanPath, directoryOf } from './clean-path.ts';
import { Glob } from './glob.ts';
import { parseIgnoreFile } from './ignore-file.ts';

interface Rule {
  readonly isException: boolean;
  readonly matches: (path: string) => boolean;
}

/** Which rules match a directory: what its content begins with. */
export type ParentMatch = readonly boolean[];

/**
 * The patterns of a `.dockerignore`, in order; of those that match, the last decides. A directory takes its content
 * along. Semantics of moby/patternmatcher.
 */
export class IgnoreRules {
  readonly #rules: readonly Rule[];

  private constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** @throws DockerfileError for a pattern that is none */
  static parse(text: string): IgnoreRules {
    return IgnoreRules.of(parseIgnoreFile(text));
  }

  static of(patterns: readonly string[]): IgnoreRules {
    return new IgnoreRules(patterns.map(trim).filter((pattern) => pattern !== '').map(parseRule));
  }

  /** Where there are exceptions, a directory that is left out has to be looked into. */
  get hasExceptions(): boolean {
    return this.#rules.some(({ isException }) => isException);
  }

  /** The path, or a directory above it, is left out. Slashes separate, and it is relative to the context. */
  excludes(path: string): boolean {
    const parent = directoryOf(path);
    const above = parent === '.' ? [] : parents(parent);
    let isExcluded = false;
    for (const { isException, matches } of this.#rules) {
      if (isException !== isExcluded) continue;
      if (matches(path) || above.some(matches)) isExcluded = !isException;
    }
    return isExcluded;
  }

  /** The same for a walk from the top, which knows what matched the directory; nothing at the top. */
  excludesBelow(path: string, parent: ParentMatch | undefined): { readonly isExcluded: boolean; readonly match: ParentMatch } {
    let isExcluded = false;
    const match = this.#rules.map(({ isException, matches }, index) => {
      const isMatch = (parent?.[index] ?? false) || (isException === isExcluded && matches(path));
      if (isMatch) isExcluded = !isException;
      return isMatch;
    });
    return { isExcluded, match };
  }
}

function parents(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function parseRule(written: string): Rule {
  const clean = cleanPath(written);
  if (clean === '!') throw new DockerfileError('illegal exclusion pattern: "!"', { token: written });
  const isException = clean.startsWith('!');
  const pattern = isException ? clean.slice(1) : clean;
  // Refuses what is no pattern, also where it is not needed below.
  const glob = Glob.parse(pattern, { deep: true });
  return { isException, matches: simpleMatch(pattern) ?? ((path) => glob.matches(path)) };
}

/** Patterns without wildcards but `**` at one end; the rule of `**name` is wider than that of `**name*`. */
function simpleMatch(pattern: string): ((path: string) => boolean) | undefined {
  const isPlain = (text: string): boolean => !/[*?[\]\\]/.test(text);
  if (isPlain(pattern)) return (path) => path === pattern;
  const end = pattern.slice(2).replace(/^\//, '');
  if (pattern.startsWith('**') && isPlain(end)) {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === end);
  }
  const start = pattern.slice(0, -2);
  return pattern.endsWith('**') && isPlain(start) ? (path) => path.startsWith(start) : undefined;
}
