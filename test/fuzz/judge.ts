import type { FuzzRequest } from './request.ts';
import type { Outcome } from './send.ts';

/** What JavaScript says when a programmer did not think of something; "undefined behavior" is Docker's, of links that can't be. */
const UNTHOUGHT = /Cannot read propert|Cannot set propert|Cannot convert|Cannot destructure|is not a function|is not iterable|is not defined|undefined(?! behavior)|\[object|TypeError|RangeError|SyntaxError|Maximum call stack|Invalid array length|^internal( server)? error$|^$/i;

/** What is wrong with an answer, or undefined. */
export function judge({ manner, method }: FuzzRequest, { status, body, hung, tookMs }: Outcome): string | undefined {
  if (hung) return `no answer within ${Math.round(tookMs)} ms`;
  if (status === undefined) return manner === 'good' && tookMs < 100 ? 'the connection ended without an answer' : undefined;
  if (status < 400 || method === 'HEAD' || manner !== 'good') return undefined;
  const message = messageOf(body);
  // Node's own parser answers what is no HTTP at all, without a body.
  if (message === undefined) return status === 400 && body === '' ? undefined : `${status} without a message: ${JSON.stringify(body.slice(0, 200))}`;
  return UNTHOUGHT.test(message) ? `${status} with a message that names no cause: ${JSON.stringify(message.slice(0, 300))}` : undefined;
}

/** Also of a body in chunks, of which small ones have one. */
function messageOf(body: string): string | undefined {
  const json = /\{.*\}/s.exec(body)?.[0] ?? body;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string' ? value.message : undefined;
  } catch {
    // Clients of 1.23 and before read errors as text.
    return /client version|\S/.test(body) && body.startsWith('client version') ? body : undefined;
  }
}
