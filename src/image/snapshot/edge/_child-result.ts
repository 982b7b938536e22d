import { writeSync } from 'node:fs';
import { GantryError, messageOf, type ErrorKind } from '#base/error.ts';
import { libc } from './_libc.ts';

/** Descriptors that a child gets beside 0, 1 and 2. */
export const CHILD_FD = { result: 3, recipe: 4, replaced: 5, namespace: 4 } as const;

/** The last line that a child writes on descriptor 3. */
export type ChildResult<T> =
  | { readonly ok: T }
  | { readonly error: { readonly kind: ErrorKind; readonly message: string; readonly subject?: string; readonly hint?: string } };

/**
 * Runs a child's work and reports how it ended. The process ends with it, at once: Node's own way out first waits for the threads of V8 and
 * of the pool, which may be in the middle of what nobody needs any more, or wait for this one.
 */
export async function reportResult<T>(work: () => Promise<T> | T): Promise<void> {
  let result: ChildResult<T>;
  try {
    result = { ok: await work() };
  } catch (error) {
    result = { error: toError(error) };
  }
  writeLine(JSON.stringify(result));
  libc._exit('ok' in result ? 0 : 1);
}

/** The line of one that is given several pieces of work: what came of the last. */
export interface ChildAnswer {
  readonly answer: unknown;
}

export function reportAnswer(answer: unknown): void {
  writeLine(JSON.stringify({ answer } satisfies ChildAnswer));
}

/** Lines before the result: how many bytes of the work are done. */
export function reportProgress(bytes: number): void {
  writeLine(String(bytes));
}

function writeLine(text: string): void {
  const line = Buffer.from(`${text}\n`);
  for (let at = 0; at < line.length;) at += writeSync(CHILD_FD.result, line, at);
}

function toError(error: unknown): Extract<ChildResult<never>, { error: object }>['error'] {
  if (!(error instanceof GantryError)) return { kind: 'internal', message: messageOf(error) };
  const { kind, message, subject, hint } = error;
  return { kind, message, ...(subject === undefined ? {} : { subject }), ...(hint === undefined ? {} : { hint }) };
}
