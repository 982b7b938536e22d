import { DockerfileError } from '../dockerfile-error.ts';
import type { Node } from '../parse/node.ts';
import { quote } from '../_quote.ts';
import { commentAbout } from './_comment.ts';
import { parseFlags } from './_flags.ts';

/** `FROM [--platform=platform] base [AS name]`. */
export interface FromInstruction {
  readonly kind: 'from';
  /** Before expansion. */
  readonly base: string;
  /** In lower case. */
  readonly stage: string | undefined;
  /** Before expansion. */
  readonly platform: string | undefined;
  readonly comment: string;
}

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

export function parseFrom({ args, flags, comments }: Node): FromInstruction {
  const stage = parseStageName(args);
  const { platform } = parseFlags(flags, { platform: 'string' });
  return { kind: 'from', base: args[0] as string, stage, platform: platform === '' ? undefined : platform, comment: commentAbout(comments, stage ?? '') };
}

function parseStageName(args: readonly string[]): string | undefined {
  if (args.length === 1) return undefined;
  const [, as, name] = args;
  if (args.length !== 3 || as?.toLowerCase() !== 'as') throw new DockerfileError('FROM requires either one or three arguments', { token: args[1] });
  const stage = (name as string).toLowerCase();
  if (!STAGE_NAME.test(stage)) throw new DockerfileError(`invalid name for build stage: ${quote(name as string)}, name can't start with a number or contain symbols`, { token: name });
  return stage;
}
