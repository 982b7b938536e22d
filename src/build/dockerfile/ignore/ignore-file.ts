import { trim } from '../_space.ts';
import { cleanPath } from './clean-path.ts';

/** Where the patterns of a Dockerfile's context may be, the first that exists counts. */
export function ignoreFileNames(dockerfile: string): readonly [own: string, common: string] {
  return [`${dockerfile}.dockerignore`, '.dockerignore'];
}

/** The patterns of an ignore file: relative to the context, cleaned, exceptions with their `!`. */
export function parseIgnoreFile(text: string): string[] {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  return body.split('\n').flatMap((line) => {
    const pattern = line.startsWith('#') ? '' : trim(line);
    if (pattern === '') return [];
    const isException = pattern.startsWith('!');
    const written = isException ? trim(pattern.slice(1)) : pattern;
    const clean = written === '' ? '' : cleanPath(written);
    const relative = clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
    return [isException ? `!${relative}` : relative];
  });
}
