import { GantryError, type ErrorKind } from '#base/error.ts';

/** An error that also decides the exit code of the program. An empty message prints nothing. */
export class StatusError extends GantryError {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, kind: ErrorKind = 'invalid', cause?: unknown) {
    super(kind, message, cause === undefined ? {} : { cause });
    this.exitCode = exitCode;
  }
}

/** Bad usage or a bad value given by the caller, exit code 1. */
export function invalid(message: string): GantryError {
  return new GantryError('invalid', message);
}
