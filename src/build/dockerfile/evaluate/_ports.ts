import { tryParseIp } from '#net/ip.ts';
import { DockerfileError, type Lines } from '../dockerfile-error.ts';
import type { Linter } from '../lint/linter.ts';
import { messages } from '../lint/rules.ts';
import { quote } from '../_quote.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const MAX_PORT = 65_535;

/** `80`, `80/udp`, `8000-8010`, and with a host's port and address, which mean nothing: as `80/tcp`. */
export function parseExposedPort(written: string, lines: Lines, linter: Linter): string[] {
  const parts = written.split(':');
  const container = parts.at(-1) as string;
  const hostPort = parts.at(-2) ?? '';
  const address = parts.slice(0, -2).join(':');
  const slash = container.indexOf('/');
  const range = slash < 0 ? container : container.slice(0, slash);
  const protocol = slash < 0 ? '' : container.slice(slash + 1);
  if (range === '') throw new DockerfileError(`invalid port: ${quote(written)}: no port specified`, { token: written });
  if (protocol !== '' && !PROTOCOLS.includes(protocol.toLowerCase())) throw new DockerfileError(`invalid port: ${quote(written)}: invalid proto: ${protocol}`, { token: written });
  if (protocol !== protocol.toLowerCase()) linter.report('ExposeProtoCasing', lines, messages.exposeProtoCasing(written));
  if (hostPort !== '' || address !== '') linter.report('ExposeInvalidFormat', lines, messages.exposeInvalidFormat(written));
  checkAddress(address);
  const [start, end] = parseRange(range) ?? refused('containerPort', range);
  if (hostPort !== '') {
    const [hostStart, hostEnd] = parseRange(hostPort) ?? refused('hostPort', hostPort);
    if (end - start !== hostEnd - hostStart && end !== start) throw new DockerfileError(`invalid ranges specified for container and host Ports: ${range} and ${hostPort}`, { token: written });
  }
  return Array.from({ length: end - start + 1 }, (_, offset) => `${start + offset}/${protocol === '' ? 'tcp' : protocol.toLowerCase()}`);
}

function checkAddress(written: string): void {
  if (written === '') return;
  const address = written.startsWith('[') && written.endsWith(']') ? written.slice(1, -1) : written;
  if (tryParseIp(address) === undefined) throw new DockerfileError(`invalid IP address: ${address}`, { token: written });
}

function parseRange(text: string): readonly [start: number, end: number] | undefined {
  const dash = text.indexOf('-');
  const start = parsePort(dash < 0 ? text : text.slice(0, dash));
  const end = dash < 0 ? start : parsePort(text.slice(dash + 1));
  return start === undefined || end === undefined || end < start ? undefined : [start, end];
}

function parsePort(text: string): number | undefined {
  const port = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  return port <= MAX_PORT ? port : undefined;
}

function refused(what: string, text: string): never {
  throw new DockerfileError(`invalid ${what}: ${text}`, { token: text });
}
