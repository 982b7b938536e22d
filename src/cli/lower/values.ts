import { isIP } from 'node:net';
import { invalid } from '../status-error.ts';
import { cut } from './split.ts';
import type { LowerWorld } from './world.ts';

/** Checks of single flag values. Each throws docker's sentence, or answers with the value to send. */

export function checkAttach(text: string): string {
  const stream = text.toLowerCase();
  if (!['stdin', 'stdout', 'stderr'].includes(stream)) throw invalid('valid streams are STDIN, STDOUT and STDERR');
  return stream;
}

export function checkEnv(text: string): void {
  if (cut(text, '=')[0] === '') throw invalid(`invalid environment variable: ${text}`);
}

/** `KEY=value` pairs, the last of a key. A key alone takes the caller's value, and stays alone when there is none. */
export function lowerEnv(pairs: readonly string[], { env }: Pick<LowerWorld, 'env'>): readonly string[] {
  const byKey = new Map<string, string>();
  for (const pair of pairs) {
    const [key, value = env(key)] = cut(pair, '=');
    byKey.set(key, value === undefined ? key : `${key}=${value}`);
  }
  return [...byKey.values()];
}

export function checkLabel(text: string): void {
  const key = cut(text, '=')[0].replace(/^[ \t]+/, '');
  if (key === '') throw invalid(`invalid label '${text}': empty name`);
  if (/[ \t]/.test(key)) throw invalid(`label '${key}' contains whitespaces`);
}

export function checkIp(text: string): string {
  const ip = text.trim();
  if (isIP(ip) === 0) throw invalid(`IP address is not correctly formatted: ${text}`);
  return canonicalIp(ip);
}

export function checkDnsSearch(text: string): string {
  const domain = text.replace(/^ +| +$/g, '');
  if (domain === '.') return domain;
  const label = '[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?';
  const bare = domain.trimEnd().replace(/\.$/, '');
  if (!/[a-zA-Z]/.test(domain) || bare.length >= 255 || !new RegExp(`^${label}(\\.${label})*$`).test(bare)) {
    throw invalid(`${domain} is not a valid domain`);
  }
  return bare;
}

/** `name:ip`, `name=ip`, `name:[::1]`, `name:host-gateway`, answered as `name:ip`. */
export function checkExtraHost(text: string): string {
  const [name, address] = text.includes('=') ? cut(text, '=') : cut(text, ':');
  if (address === undefined || name === '' || name.includes(':')) throw invalid(`bad format for add-host: ${JSON.stringify(text)}`);
  if (address === 'host-gateway') return `${name}:${address}`;
  const ip = address.replace(/^\[(.+)\]$/, '$1');
  if (isIP(ip.trim()) === 0) throw invalid(`invalid IP address in add-host: ${JSON.stringify(ip)}`);
  return `${name}:${ip}`;
}

export function checkLink(text: string): void {
  if (text === '') throw invalid('empty string specified for links');
  if (text.split(':').length > 2) throw invalid(`bad format for links: ${text}`);
}

const KERNEL_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.msgmax', 'kernel.msgmnb', 'kernel.msgmni', 'kernel.sem', 'kernel.shmall', 'kernel.shmmax', 'kernel.shmmni', 'kernel.shm_rmid_forced',
]);

/** Only sysctls that belong to a namespace. */
export function checkSysctl(text: string): void {
  const [key, value] = cut(text, '=');
  const namespaced = KERNEL_SYSCTLS.has(key) || key.startsWith('net.') || key.startsWith('fs.mqueue.');
  if (value === undefined || !namespaced) throw invalid(`sysctl '${text}' is not allowed`);
}

export function checkMac(text: string): void {
  if (!/^[0-9a-fA-F]{2}([:-])([0-9a-fA-F]{2}\1){4,18}[0-9a-fA-F]{2}$|^([0-9a-fA-F]{4}\.){2,9}[0-9a-fA-F]{4}$/.test(text.trim())) {
    throw invalid(`${text} is not a valid mac address`);
  }
}

/** `always`, `unless-stopped`, `on-failure:3`. */
export function parseRestartPolicy(text: string): { readonly Name: string; readonly MaximumRetryCount: number } {
  const [name, count] = cut(text, ':');
  if (count !== undefined && name === '') throw invalid('invalid restart policy format: no policy provided before colon');
  if (count !== undefined && count !== '' && !/^[+-]?[0-9]+$/.test(count)) {
    throw invalid('invalid restart policy format: maximum retry count must be an integer');
  }
  return { Name: name, MaximumRetryCount: Number(count ?? 0) };
}

function canonicalIp(ip: string): string {
  return isIP(ip) === 6 ? new URL(`http://[${ip}]/`).hostname.slice(1, -1) : ip;
}
