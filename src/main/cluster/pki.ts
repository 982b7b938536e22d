import 'reflect-metadata';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, Pkcs10CertificateRequest, SubjectAlternativeNameExtension, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { GantryError } from '#base/error.ts';
import type { CertificateSubject } from '#cluster/api/admission/certificate-requests.ts';

export interface KeyPair {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

export interface ClusterPki {
  readonly ca: string;
  /** PEM; clusters of an earlier release have thrown it away, and sign no requests. */
  readonly caKey?: string;
  readonly server: KeyPair;
  /** In the group `system:masters`. */
  readonly admin: KeyPair;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Clocks differ. */
const SKEW_MS = 5 * 60_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

interface Issued {
  readonly pair: KeyPair;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: X509Certificate;
}

/** The cluster's own authority, and the certificates that it gave out; made once, in `directory`. */
export async function openPki(directory: string, names: readonly string[], addresses: readonly string[]): Promise<ClusterPki> {
  const path = join(directory, 'pki.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ClusterPki;
  } catch {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const pki = await createPki(names, addresses);
    writeFileSync(path, JSON.stringify(pki), { mode: 0o600 });
    return pki;
  }
}

async function createPki(names: readonly string[], addresses: readonly string[]): Promise<ClusterPki> {
  const ca = await issue('CN=gantry-ca', undefined, CA_DAYS, [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true)]);
  const usages = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true);
  const alternatives = new SubjectAlternativeNameExtension([...names.map((value) => ({ type: 'dns' as const, value })), ...addresses.map((value) => ({ type: 'ip' as const, value }))]);
  const server = await issue('CN=kube-apiserver', ca, LEAF_DAYS, [usages, new ExtendedKeyUsageExtension([SERVER_AUTH]), alternatives]);
  const admin = await issue('CN=kubernetes-admin, O=system:masters', ca, LEAF_DAYS, [usages, new ExtendedKeyUsageExtension([CLIENT_AUTH])]);
  return { ca: ca.pair.cert, caKey: ca.pair.key, server: server.pair, admin: admin.pair };
}

/** Whom a request in PEM is about; undefined where it is none, or its signature is not by its own key. */
export async function readCertificateRequest(pem: string): Promise<CertificateSubject | undefined> {
  try {
    const request = new Pkcs10CertificateRequest(pem);
    if (!await request.verify(webcrypto)) return undefined;
    return { name: request.subjectName.getField('CN')[0] ?? '', groups: request.subjectName.getField('O') };
  } catch {
    return undefined;
  }
}

/** A certificate, PEM, for the subject and the key of a request. @throws GantryError */
export async function signClientRequest({ ca, caKey }: ClusterPki, pem: string, seconds: number): Promise<string> {
  if (caKey === undefined) throw new GantryError('unavailable', 'the key of the authority was not kept', { hint: 'gantry cluster down, and up again, makes a new one' });
  const request = new Pkcs10CertificateRequest(pem);
  const authority = new X509Certificate(ca);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', Buffer.from(caKey.replace(/-----[^-]+-----|\s/g, ''), 'base64'), ALGORITHM, false, ['sign']);
  const nowMs = Date.now();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex'), subject: request.subject, issuer: authority.subject, notBefore: new Date(nowMs - SKEW_MS), notAfter: new Date(Math.min(nowMs + seconds * 1000, authority.notAfter.getTime())),
    publicKey: request.publicKey, signingKey, signingAlgorithm: ALGORITHM, extensions: [new BasicConstraintsExtension(false, undefined, true), new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true), new ExtendedKeyUsageExtension([CLIENT_AUTH])],
  }, webcrypto);
  return `${certificate.toString('pem')}\n`;
}

type Extension = BasicConstraintsExtension | KeyUsagesExtension | ExtendedKeyUsageExtension | SubjectAlternativeNameExtension;

/** Signed by the issuer, or by itself where there is none. */
async function issue(subject: string, issuer: Issued | undefined, days: number, extensions: readonly Extension[]): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const nowMs = Date.now();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex'), subject, issuer: issuer?.certificate.subject ?? subject,
    notBefore: new Date(nowMs - DAY_MS), notAfter: new Date(nowMs + days * DAY_MS), publicKey: keys.publicKey, signingKey: issuer?.keys.privateKey ?? keys.privateKey, signingAlgorithm: ALGORITHM, extensions: [...extensions],
  }, webcrypto);
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${bytes.replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
  return { keys, certificate, pair: { key, cert: `${certificate.toString('pem')}\n` } };
}
