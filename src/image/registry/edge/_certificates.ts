import { readdirSync, readFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';

/** What one registry's directory holds. */
export interface RegistryCertificates {
  /** PEM. */
  readonly authorities: readonly string[];
  readonly client: { readonly cert: string; readonly key: string } | undefined;
}

const SYSTEM_FILES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

/**
 * Docker's rule: `*.crt` are authorities, `*.cert` with the `*.key` of the same name a client certificate. A key without its
 * certificate, or the other way round, is a mistake that would only show as a refusal: `invalid`.
 */
export function readCertificates(directory: string, host: string): RegistryCertificates {
  // The host comes from an image's name, whose grammar has neither a slash nor two dots in a row.
  const path = `${directory}/${host}`;
  const names = namesIn(path);
  const read = (name: string): string => readFileSync(`${path}/${name}`, 'utf8');
  const authorities = names.filter((name) => name.endsWith('.crt')).map(read);
  const keys = names.filter((name) => name.endsWith('.key')).map((name) => name.slice(0, -'.key'.length));
  const certificates = names.filter((name) => name.endsWith('.cert')).map((name) => name.slice(0, -'.cert'.length));
  const alone = keys.find((name) => !certificates.includes(name)) ?? certificates.find((name) => !keys.includes(name));
  if (alone !== undefined) throw new GantryError('invalid', `${path}/${alone} has a key or a certificate, but not both`, { hint: `A client certificate needs ${alone}.cert and ${alone}.key.` });
  const [pair] = certificates;
  return { authorities, client: pair === undefined ? undefined : { cert: read(`${pair}.cert`), key: read(`${pair}.key`) } };
}

/** The machine's authorities, read anew with each agent: an administrator's change counts without a restart. */
export function systemAuthorities(): string[] {
  for (const path of SYSTEM_FILES) {
    try {
      return [readFileSync(path, 'utf8')];
    } catch {
      continue;
    }
  }
  return [...process.getBuiltinModule('node:tls').rootCertificates];
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
