import 'reflect-metadata';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { webcrypto, X509Certificate as Certificate } from 'node:crypto';
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
  /** Of who leads requests to servers of aggregated APIs, by an authority of its own, as its name is nobody's here. Clusters of an earlier release get it with their next start. */
  readonly frontProxy: FrontProxy;
}

export interface FrontProxy {
  readonly ca: string;
  readonly client: KeyPair;
}

export const FRONT_PROXY_NAME = 'front-proxy-client';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Clocks differ. */
const SKEW_MS = 5 * 60_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;
/** Before a certificate ends, it is replaced by the next start. */
const RENEW_DAYS = 90;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SIGNS = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true);

interface Authority {
  readonly certificate: X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

interface Issued {
  readonly pair: KeyPair;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: X509Certificate;
}

/**
 * The cluster's own authority, made once, in `directory`, and the certificates that it gave out: anew where they end soon, or where
 * the machine has another address or name than the one that they were made on.
 */
export async function openPki(directory: string, names: readonly string[], addresses: readonly string[]): Promise<ClusterPki> {
  const path = join(directory, 'pki.json');
  const present = readPki(path);
  const pki = present === undefined ? await createPki(names, addresses) : await renewed(present, names, addresses);
  if (pki === present) return pki;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(pki), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  return pki;
}

type KnownPki = Omit<ClusterPki, 'frontProxy'> & { readonly frontProxy?: FrontProxy };

function readPki(path: string): KnownPki | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as KnownPki;
  } catch {
    return undefined;
  }
}

const endsSoon = ({ cert }: KeyPair): boolean => new Certificate(cert).validToDate.getTime() - Date.now() < RENEW_DAYS * DAY_MS;

async function renewed(known: KnownPki, names: readonly string[], addresses: readonly string[]): Promise<ClusterPki> {
  const { frontProxy } = known;
  const pki: ClusterPki = frontProxy !== undefined && !endsSoon(frontProxy.client) ? known as ClusterPki : { ...known, frontProxy: await createFrontProxy() };
  if (pki.caKey === undefined) return pki;
  const server = new Certificate(pki.server.cert);
  const isElsewhere = names.some((name) => server.checkHost(name) === undefined) || addresses.some((address) => server.checkIP(address) === undefined);
  const [renewsServer, renewsAdmin] = [isElsewhere || endsSoon(pki.server), endsSoon(pki.admin)];
  if (!renewsServer && !renewsAdmin) return pki;
  const authority = { certificate: new X509Certificate(pki.ca), key: await authorityKey(pki.caKey) };
  return { ...pki, ...(renewsServer ? { server: await issueServer(authority, names, addresses) } : {}), ...(renewsAdmin ? { admin: await issueAdmin(authority) } : {}) };
}

async function createPki(names: readonly string[], addresses: readonly string[]): Promise<ClusterPki> {
  const { pair, certificate, keys } = await issueAuthority('CN=gantry-ca');
  const authority = { certificate, key: keys.privateKey };
  return { ca: pair.cert, caKey: pair.key, server: await issueServer(authority, names, addresses), admin: await issueAdmin(authority), frontProxy: await createFrontProxy() };
}

/** Its authority signs nothing else, and is made anew with it: servers read whom to believe in the cluster. */
async function createFrontProxy(): Promise<FrontProxy> {
  const { pair, certificate, keys } = await issueAuthority('CN=front-proxy-ca');
  const { pair: client } = await issue(`CN=${FRONT_PROXY_NAME}`, { certificate, key: keys.privateKey }, LEAF_DAYS, [SIGNS, new ExtendedKeyUsageExtension([CLIENT_AUTH])]);
  return { ca: pair.cert, client };
}

async function issueAuthority(subject: string): Promise<Issued> {
  return await issue(subject, undefined, CA_DAYS, [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true)]);
}

async function issueServer(authority: Authority, names: readonly string[], addresses: readonly string[]): Promise<KeyPair> {
  const alternatives = new SubjectAlternativeNameExtension([...names.map((value) => ({ type: 'dns' as const, value })), ...addresses.map((value) => ({ type: 'ip' as const, value }))]);
  return (await issue('CN=kube-apiserver', authority, LEAF_DAYS, [SIGNS, new ExtendedKeyUsageExtension([SERVER_AUTH]), alternatives])).pair;
}

async function issueAdmin(authority: Authority): Promise<KeyPair> {
  return (await issue('CN=kubernetes-admin, O=system:masters', authority, LEAF_DAYS, [SIGNS, new ExtendedKeyUsageExtension([CLIENT_AUTH])])).pair;
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
  const signingKey = await authorityKey(caKey);
  const nowMs = Date.now();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex'), subject: request.subject, issuer: authority.subject, notBefore: new Date(nowMs - SKEW_MS), notAfter: new Date(Math.min(nowMs + seconds * 1000, authority.notAfter.getTime())),
    publicKey: request.publicKey, signingKey, signingAlgorithm: ALGORITHM, extensions: [new BasicConstraintsExtension(false, undefined, true), new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true), new ExtendedKeyUsageExtension([CLIENT_AUTH])],
  }, webcrypto);
  return `${certificate.toString('pem')}\n`;
}

async function authorityKey(pem: string): Promise<webcrypto.CryptoKey> {
  return await webcrypto.subtle.importKey('pkcs8', Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'), ALGORITHM, false, ['sign']);
}

type Extension = BasicConstraintsExtension | KeyUsagesExtension | ExtendedKeyUsageExtension | SubjectAlternativeNameExtension;

/** Signed by the issuer, or by itself where there is none. */
async function issue(subject: string, issuer: Authority | undefined, days: number, extensions: readonly Extension[]): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const nowMs = Date.now();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex'), subject, issuer: issuer?.certificate.subject ?? subject,
    notBefore: new Date(nowMs - DAY_MS), notAfter: new Date(nowMs + days * DAY_MS), publicKey: keys.publicKey, signingKey: issuer?.key ?? keys.privateKey, signingAlgorithm: ALGORITHM, extensions: [...extensions],
  }, webcrypto);
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${bytes.replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
  return { keys, certificate, pair: { key, cert: `${certificate.toString('pem')}\n` } };
}
