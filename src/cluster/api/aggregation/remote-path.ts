import { badRequest } from '../refusals.ts';

/**
 * The group and version that a path below /api or /apis names. Where the way is to another server, it has to read the path as we did when we asked
 * whether that is allowed: parts that hold a slash, nothing, or lead upwards are refused.
 * @throws StatusError invalid
 */
export function remoteIn(path: string): { readonly group: string; readonly version: string } | undefined {
  const parts = path.split('/').slice(1).map(decoded);
  if (parts.at(-1) === '') parts.pop();
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[/\\\0]/.test(part))) throw badRequest(`the path ${path} can't be passed on: a part of it is empty, leads upwards, or holds a slash`);
  return groupVersionOf(parts);
}

/** The same without a look at what follows. */
export function groupVersionIn(path: string): { readonly group: string; readonly version: string } | undefined {
  return groupVersionOf(path.split('/', 4).slice(1).map(decoded));
}

function groupVersionOf([first, second = '', third = '']: readonly string[]): { readonly group: string; readonly version: string } | undefined {
  if (first === 'api' && second !== '') return { group: '', version: second };
  return first === 'apis' && second !== '' && third !== '' ? { group: second, version: third } : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`the path has a malformed escape: ${part}`);
  }
}
