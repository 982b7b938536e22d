import { GantryError, type ErrorKind } from '#base/error.ts';

/** What a registry says besides the status: `{"errors": [{"code", "message"}]}` (distribution spec, "Error Codes"). */
export interface RegistryFault {
  readonly code: string;
  readonly message: string;
}

const MAX_TEXT = 300;

/** The first fault of an error's body; none where the body is something else. */
export function parseFault(text: string): RegistryFault | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = typeof value === 'object' && value !== null && 'errors' in value && Array.isArray(value.errors) ? value.errors as unknown[] : [];
  const first = list[0];
  if (typeof first !== 'object' || first === null) return undefined;
  const of = (key: string): string => {
    const field = (first as Readonly<Record<string, unknown>>)[key];
    return typeof field === 'string' ? printable(field) : '';
  };
  return { code: of('code'), message: of('message') };
}

const KINDS: Readonly<Record<number, ErrorKind>> = { 400: 'invalid', 401: 'unauthorized', 403: 'forbidden', 404: 'not-found', 405: 'unimplemented', 413: 'too-large', 416: 'invalid', 429: 'unavailable' };

/** A status of 400 and above as an error, in the words that Docker uses: `unauthorized: authentication required`. */
export function faultOf(status: number, text: string, subject: string): GantryError {
  const fault = parseFault(text);
  const kind = KINDS[status] ?? (status >= 500 ? 'unavailable' : 'internal');
  const words = fault === undefined || fault.code === ''
    ? `unexpected status from ${subject}: ${status}${text.trim() === '' ? '' : `: ${printable(text)}`}`
    : [fault.code.toLowerCase().replaceAll('_', ' '), fault.message].filter((part) => part !== '').join(': ');
  return new GantryError(kind, words, { subject });
}

/** Foreign text goes to terminals and logs: no control characters, and not much of it. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim().slice(0, MAX_TEXT);
}
