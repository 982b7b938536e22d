import type { Json } from '#base/json.ts';
import { StatusError } from './status.ts';

/**
 * Members of objects and items of lists in one object with its defaults. Upstream bounds only bytes; what a write costs here, on a loop
 * that all share, goes by values: a body of 3 MB can have a million. The largest that clients send (slices of a thousand endpoints,
 * definitions of large custom kinds) have two thirds of it. At the bound each part of a write takes 10 to 70 ms, between which others have turns.
 */
const MOST_OWN_VALUES = 30_000;
/** In a body, and in an object with what says who owns its fields, which is about as much again. */
export const MOST_VALUES = 60_000;
/** All parts of a write of so many take 10 ms together. */
const LARGE_VALUES = 3_000;

export function tooManyValues(what: string, most = MOST_VALUES): StatusError {
  return new StatusError('too-large', `Request entity too large: ${what} has more than ${most} fields and items`);
}

/**
 * Looks at no more than it takes to know.
 * @returns whether it is large
 * @throws StatusError too-large
 */
export function checkValueCount(value: Json): boolean {
  const tracked = (value as { readonly metadata?: { readonly managedFields?: Json } } | null)?.metadata?.managedFields;
  const own = countedValues(value, MOST_OWN_VALUES, () => tooManyValues('the object', MOST_OWN_VALUES), tracked);
  return own + (tracked === undefined ? 0 : countedValues(tracked, MOST_VALUES - own, () => tooManyValues('the object with its managedFields'))) > LARGE_VALUES;
}

/** @throws StatusError the fault where there are more than `most`, without looking further */
export function countedValues(value: Json, most: number, fault: () => StatusError, except?: Json): number {
  let count = 0;
  const visit = (each: Json | undefined): void => {
    if (each === null || typeof each !== 'object' || each === except) return;
    if (Array.isArray(each)) {
      count += each.length;
      if (count > most) throw fault();
      for (const item of each as readonly Json[]) visit(item);
      return;
    }
    for (const name in each) {
      count += 1;
      if (count > most) throw fault();
      visit((each as { readonly [name: string]: Json | undefined })[name]);
    }
  };
  visit(value);
  return count;
}
