import type { Random } from '#base/random.ts';
import type { Cause } from './status.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Without vowels and what looks like them: no words come out (apimachinery, pkg/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const LONGEST_BASE = 63 - SUFFIX_LENGTH;

/** Kinds whose names are one DNS label; those of RBAC and of registrations, `v1.`, are any text that fits into a path. */
const LABELS: ReadonlySet<string> = new Set(['namespaces', 'services']);
const PATH_TEXTS: ReadonlySet<string> = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'apiservices']);

const LABEL_WORDS = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_WORDS = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

export function nameCauses(plural: string, name: string): readonly Cause[] {
  const refuse = (message: string): Cause[] => [{ reason: 'FieldValueInvalid', field: 'metadata.name', message: `Invalid value: ${JSON.stringify(name)}: ${message}` }];
  if (name === '') return [{ reason: 'FieldValueRequired', field: 'metadata.name', message: 'Required value: name or generateName is required' }];
  if (PATH_TEXTS.has(plural)) return name === '.' || name === '..' || /[/%]/.test(name) ? refuse("may not be '.', '..', or contain '/' or '%'") : [];
  if (plural === 'ipaddresses') return isCanonicalAddress(name) ? [] : refuse('must be a valid IP address in canonical form');
  if (LABELS.has(plural)) return name.length > 63 ? refuse('must be no more than 63 characters') : LABEL.test(name) ? [] : refuse(LABEL_WORDS);
  return name.length > 253 ? refuse('must be no more than 253 characters') : SUBDOMAIN.test(name) ? [] : refuse(SUBDOMAIN_WORDS);
}

/** As RFC 5952 writes it. */
function isCanonicalAddress(name: string): boolean {
  if (!/^(?:\d+(?:\.\d+){3}|[0-9a-f:]+)$/.test(name)) return false;
  const host = name.includes(':') ? `[${name}]` : name;
  return URL.canParse(`http://${host}/`) && new URL(`http://${host}/`).hostname === host;
}

/** A name of `generateName`: its base and five characters drawn. */
export function generatedName(base: string, random: Random): string {
  return `${base.slice(0, LONGEST_BASE)}${[...random.bytes(SUFFIX_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}

/** RFC 9562, version 4. */
export function newUid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toHex();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
