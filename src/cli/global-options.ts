import { boolFlag, listFlag, stringFlag, type FlagSpec } from './grammar/flag.ts';
import type { ParsedArgs } from './grammar/parsed-args.ts';
import { defaultSocketPath, parseAddress, type DaemonAddress } from './http/address.ts';
import type { TlsFiles } from './http/connect.ts';
import { invalid } from './status-error.ts';

/** The flags before the command. */
export const globalFlags: readonly FlagSpec[] = [
  stringFlag('config', '', "Directory of the client's settings", { completes: 'file' }),
  stringFlag('context', 'c', 'Context to use; there is only "default"', { completes: ['default'] }),
  boolFlag('debug', 'D', 'Print what went wrong in detail'),
  listFlag('host', 'H', 'Address of the daemon: unix:///path or tcp://host:port'),
  stringFlag('log-level', 'l', 'Least severity of log lines (debug, info, warn, error, fatal)', { fallback: 'info' }),
  boolFlag('tls', '', 'Use TLS; implied by --tlsverify'),
  stringFlag('tlscacert', '', 'Trust certificates of this authority only', { completes: 'file' }),
  stringFlag('tlscert', '', 'Certificate of the client', { completes: 'file' }),
  stringFlag('tlskey', '', 'Key of the client', { completes: 'file' }),
  boolFlag('tlsverify', '', "Use TLS and verify the daemon's certificate"),
  boolFlag('version', 'v', 'Print the version and leave'),
];

export interface GlobalOptions {
  readonly address: DaemonAddress;
  /** Nobody named an address: the daemon may be started when it is not there. */
  readonly isDefaultAddress: boolean;
  readonly tls: TlsFiles | undefined;
  readonly debug: boolean;
  readonly configDirectory: string;
  readonly apiVersion: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What the flags and the environment say: --host, then GANTRY_HOST, then DOCKER_HOST, then the default socket. */
export function readGlobalOptions(args: ParsedArgs, env: Env): GlobalOptions {
  const context = args.string('context') || (env['DOCKER_CONTEXT'] ?? '');
  if (context !== '' && context !== 'default') {
    throw invalid(`context ${JSON.stringify(context)}: not found: the only context is "default", name a daemon with --host or GANTRY_HOST`);
  }
  const hosts = args.list('host');
  if (hosts.length > 1) throw invalid('specify only one -H');
  const named = hosts[0] || env['GANTRY_HOST'] || env['DOCKER_HOST'] || undefined;
  const configDirectory = args.string('config') || env['DOCKER_CONFIG'] || `${env['HOME'] ?? ''}/.docker`;
  const tls = readTls(args, env, configDirectory);
  return {
    address: parseAddress(named ?? `unix://${defaultSocketPath}`, tls !== undefined),
    isDefaultAddress: named === undefined,
    tls,
    debug: args.bool('debug'),
    configDirectory,
    apiVersion: env['DOCKER_API_VERSION'] || undefined,
  };
}

function readTls(args: ParsedArgs, env: Env, configDirectory: string): TlsFiles | undefined {
  const verify = args.bool('tlsverify') || (!args.changed('tlsverify') && (env['DOCKER_TLS_VERIFY'] ?? '') !== '');
  if (!verify && !args.bool('tls')) return undefined;
  const directory = env['DOCKER_CERT_PATH'] || configDirectory;
  const file = (flag: string, name: string): string => args.string(flag) || `${directory}/${name}`;
  return { ca: file('tlscacert', 'ca.pem'), cert: file('tlscert', 'cert.pem'), key: file('tlskey', 'key.pem'), verify };
}
