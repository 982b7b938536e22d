import type { User } from './api-request.ts';

/** The user that a client certificate names: its common name, and its organisations as groups (kubernetes.io, "Authenticating", X.509 client certificates). */
export function userOfSubject(subject: { readonly CN?: string | readonly string[]; readonly O?: string | readonly string[] }): User {
  const listOf = (value: string | readonly string[] | undefined): readonly string[] => value === undefined ? [] : typeof value === 'string' ? [value] : value;
  return { name: listOf(subject.CN)[0] ?? '', groups: [...listOf(subject.O), 'system:authenticated'] };
}
