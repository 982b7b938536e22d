import { GantryError } from '#base/error.ts';

/** A template that can't be read or evaluated, in the words of Go's text/template. `name` is the template's. */
export function templateError(name: string, line: number, message: string): GantryError {
  return new GantryError('invalid', `template: ${name}:${line}: ${message}`);
}
