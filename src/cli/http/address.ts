import { invalid } from '../status-error.ts';

/** Where a daemon listens. */
export type DaemonAddress =
  | { readonly kind: 'unix'; readonly path: string; readonly text: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly basePath: string; readonly text: string };

export const defaultSocketPath = '/run/gantry/gantry.sock';

const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

/** `unix:///run/x.sock`, `tcp://host:2375`, `host:2375`. Throws `invalid` for anything else. */
export function parseAddress(given: string, tls = false): DaemonAddress {
  const text = given.trim();
  const [, scheme = 'tcp', rest = text] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === 'unix') {
    const path = rest === '' ? defaultSocketPath : rest;
    return { kind: 'unix', path, text: `unix://${path}` };
  }
  if (!['tcp', 'http', 'https'].includes(scheme)) {
    throw invalid(`invalid bind address format: ${given}: give unix:///path/to.sock or tcp://host:port`);
  }
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:/]*)(?::([0-9]*))?(\/.*)?$/.exec(rest);
  const [, host = '', port = '', basePath = ''] = match ?? [];
  if (match === null || Number(port) > 65_535) throw invalid(`invalid bind address format: ${given}`);
  const name = host === '' ? 'localhost' : host.replace(/^\[|\]$/g, '');
  const number = port === '' ? (tls ? TLS_PORT : PLAIN_PORT) : Number(port);
  return { kind: 'tcp', host: name, port: number, basePath: basePath.replace(/\/$/, ''), text: `tcp://${host === '' ? 'localhost' : host}:${number}` };
}
