import { GantryError, messageOf } from '#base/error.ts';
import type { CliContext } from '../command-spec.ts';

const PARALLEL_MAX = 50;

/**
 * Does one thing to each name, many at a time, and prints the names in the order given as they are done. What failed
 * is thrown at the end, one line each.
 */
export async function forEachName(
  context: CliContext,
  names: readonly string[],
  action: (name: string) => Promise<unknown>,
  parallel = PARALLEL_MAX,
): Promise<number> {
  const pending: Promise<unknown>[] = [];
  const errors: string[] = [];
  for (const [index, name] of names.entries()) {
    const previous = pending[index - parallel];
    const started = (previous ?? Promise.resolve()).then(() => action(name).then(() => undefined, (error: unknown) => error ?? new GantryError('internal', 'no reason given')));
    pending.push(started);
  }
  for (const [index, name] of names.entries()) {
    const error = await pending[index];
    if (error === undefined) context.out(`${name}\n`);
    else errors.push(messageOf(error));
  }
  if (errors.length > 0) throw new GantryError('internal', errors.join('\n'));
  return 0;
}

/** A name as a part of an API path. */
export function pathPart(name: string): string {
  return encodeURIComponent(name);
}

/** An image's name in an API path keeps its slashes. */
export function imagePath(name: string): string {
  return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@');
}
