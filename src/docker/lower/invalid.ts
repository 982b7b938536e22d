import { GantryError } from '#base/error.ts';

/** A refusal in Docker's words: clients and their users know them. */
export function invalid(message: string): GantryError {
  return new GantryError('invalid', message);
}
