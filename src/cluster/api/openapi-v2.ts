import type { ApiResponse } from './api-request.ts';

/** A client asks with an @ in place of the second to last dot, which no media type may have. */
const TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * `/openapi/v2`, which kubectl falls back on for kinds that can't be patched, such as reviews, and then in this encoding alone: an
 * `openapi.v2.Document` (gnostic) that describes no type, so that the client checks nothing and the server all. Undefined for whoever wants another.
 */
export function openApiV2(accept: string, version: string): ApiResponse | undefined {
  if (!accept.includes('com.github.proto-openapi.spec.v2')) return undefined;
  const body = field(1, '2.0') + field(2, field(1, 'Kubernetes') + field(2, version)) + field(8, '');
  return { kind: 'text', code: 200, body, contentType: TYPE };
}

/** A field of protobuf with a length, which is below 128, and so a character. */
function field(number: number, text: string): string {
  return String.fromCharCode((number << 3) | 2, text.length) + text;
}
