import { GantryError } from '#base/error.ts';
import type { NamePart, PathRule } from '#image/snapshot/tree-selection.ts';

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

function quoted(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

/** A path of COPY, whose parts may have the wildcards of Go's filepath.Match. Throws `invalid` for a bracket that is not closed. */
export function parsePathPattern(pattern: string): readonly NamePart[] {
  const parts: NamePart[] = [];
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      parts.pop();
      continue;
    }
    parts.push(/[*?[\\]/.test(part) ? namePart(part, pattern) : { name: part });
  }
  return parts;
}

function namePart(part: string, pattern: string): NamePart {
  const regex = translate(part, pattern);
  // Escapes alone make it no pattern.
  return /^(?:\\.|[^\\*?[])*$/s.test(part) ? { name: part.replace(/\\(.)/gs, '$1') } : { regex };
}

/** One part, or with `**` any number of them, as the source of a regular expression. */
function translate(text: string, pattern: string): string {
  let regex = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === '\\') {
      at += 1;
      regex += quoted(text[at] ?? '\\');
    } else if (character === '*') {
      if (text[at + 1] !== '*') {
        regex += '[^/]*';
        continue;
      }
      at += 1;
      // `**/` is any number of directories, also none.
      if (text[at + 1] === '/') {
        at += 1;
        regex += '(?:.*/)?';
      } else {
        regex += '.*';
      }
    } else if (character === '?') {
      regex += '[^/]';
    } else if (character === '[') {
      const end = classEnd(text, at);
      if (end < 0) throw new GantryError('invalid', `syntax error in pattern: ${pattern}`);
      regex += characterClass(text.slice(at + 1, end));
      at = end;
    } else {
      regex += quoted(character);
    }
  }
  return regex;
}

function classEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ']' && at > start + 1) return at;
  }
  return -1;
}

function characterClass(body: string): string {
  const isNegated = body.startsWith('^') || body.startsWith('!');
  let inner = '';
  const rest = isNegated ? body.slice(1) : body;
  for (let at = 0; at < rest.length; at += 1) {
    const character = rest[at] === '\\' ? rest[(at += 1)] ?? '\\' : rest[at] as string;
    inner += character === '-' && rest[at - 1] !== '\\' && at > 0 && at < rest.length - 1 ? '-' : character.replace(/[\\\]^[&~-]/g, '\\$&');
  }
  return `[${isNegated ? '^/' : ''}${inner}]`;
}

/** Patterns as `.dockerignore` and `--exclude` have them (moby/patternmatcher): `!` takes back. */
export function parsePathRules(patterns: readonly string[]): readonly PathRule[] {
  return patterns.flatMap((pattern): PathRule[] => {
    const trimmed = pattern.trim();
    const excludes = !trimmed.startsWith('!');
    const path = cleanPath(excludes ? trimmed : trimmed.slice(1).trim());
    return path === '' ? [] : [{ regex: translate(path, pattern), excludes }];
  });
}

function cleanPath(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
