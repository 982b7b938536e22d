import type { Json } from '#base/json.ts';
import { StatusError } from './status.ts';

/**
 * Members of objects and items of lists in one body, and in one object with its defaults. Upstream bounds only bytes; what a write costs
 * here, on a loop that all share, goes by values: a body of 3 MB can have a million. The largest that clients send (slices of a thousand
 * endpoints, definitions of large custom kinds) have a third of it.
 */
export const MOST_VALUES = 50_000;

export function tooManyValues(what: string): StatusError {
  return new StatusError('too-large', `Request entity too large: ${what} has more than ${MOST_VALUES} fields and items`);
}

/** Looks at no more than it takes to know. @throws StatusError too-large */
export function checkValueCount(value: Json): void {
  let left = MOST_VALUES;
  const visit = (each: Json | undefined): void => {
    if (each === null || typeof each !== 'object') return;
    if (Array.isArray(each)) {
      left -= each.length;
      if (left < 0) throw tooManyValues('the object');
      for (const item of each as readonly Json[]) visit(item);
      return;
    }
    for (const name in each) {
      left -= 1;
      if (left < 0) throw tooManyValues('the object');
      visit((each as { readonly [name: string]: Json | undefined })[name]);
    }
  };
  visit(value);
}
