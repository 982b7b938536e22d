import { DockerfileError } from '../dockerfile-error.ts';
import type { Heredoc, Node } from '../parse/node.ts';
import { quote } from '../_quote.ts';
import { parseCommandLine, type CommandLine } from './command-line.ts';
import { parseDevice, type Device } from './device.ts';
import { parseFlags } from './_flags.ts';
import { mountSource } from './mount.ts';

export type NetworkMode = 'default' | 'none' | 'host';
export type SecurityMode = 'sandbox' | 'insecure';

/** `RUN [flags] command` or `RUN [flags] ["program", "argument"]`. */
export interface RunInstruction {
  readonly kind: 'run';
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  /** The values of --mount before expansion; `parseMount` reads them. */
  readonly mounts: readonly string[];
  /** The `from` of each mount, which is never expanded. */
  readonly mountSources: readonly (string | undefined)[];
  readonly network: NetworkMode;
  readonly security: SecurityMode;
  readonly devices: readonly Device[];
}

const FLAGS = { mount: 'strings', network: 'string', security: 'string', device: 'strings' } as const;

export function parseRun(node: Node): RunInstruction {
  const flags = parseFlags(node.flags, FLAGS);
  const command = parseCommandLine(node);
  return {
    kind: 'run',
    command,
    heredocs: node.heredocs,
    mounts: flags.mount,
    mountSources: flags.mount.map(mountSource),
    network: parseNetwork(flags.network ?? 'default'),
    security: parseSecurity(flags.security ?? 'sandbox'),
    devices: flags.device.map(parseDevice),
  };
}

function parseNetwork(text: string): NetworkMode {
  if (text === 'default' || text === 'none' || text === 'host') return text;
  throw new DockerfileError(`invalid network mode ${quote(text)}`, { token: text });
}

function parseSecurity(text: string): SecurityMode {
  if (text === 'sandbox' || text === 'insecure') return text;
  throw new DockerfileError(`security ${quote(text)} is not valid`, { token: text });
}
