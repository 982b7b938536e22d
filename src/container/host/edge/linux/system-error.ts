import { GantryError } from '#base/error.ts';
import { errnoKind, errnoName, errnoText } from './errno.ts';

/** What was being done, as it reads after "could not": `mount overlay at /x`. */
export interface CallContext {
  readonly action: string;
  readonly subject?: string;
  readonly hint?: string;
}

/** What `cause` holds when the kernel refused: the fields that Node's own system errors have. */
export interface SystemCause {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/** `detail` is the kernel's own explanation where it gives one (extended acknowledgements, mount logs). */
export function systemError(syscall: string, errno: number, context: CallContext, detail?: string): GantryError {
  const cause: SystemCause = { code: errnoName(errno) ?? String(errno), errno, syscall };
  const message = `could not ${context.action}: ${detail ? `${detail} ` : ''}(${syscall}: ${errnoText(errno)})`;
  return new GantryError(errnoKind(errno), message, {
    cause,
    ...(context.subject === undefined ? {} : { subject: context.subject }),
    ...(context.hint === undefined ? {} : { hint: context.hint }),
  });
}

/** The errno name behind anything thrown: by this folder, or by Node's own file system calls. */
export function errnoOf(thrown: unknown): string | undefined {
  return codeOf(thrown) ?? (thrown instanceof Error ? codeOf(thrown.cause) : undefined);
}

function codeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined;
  return typeof value.code === 'string' ? value.code : undefined;
}
