import { DockerfileError } from '../dockerfile-error.ts';
import type { Node } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';
import { atLeastOneArgument } from './_refusals.ts';

/** `ONBUILD instruction`: done first in a build on top of this image. */
export interface OnbuildInstruction {
  readonly kind: 'onbuild';
  /** The trigger as it stands, with its heredocs: what the image's config keeps. */
  readonly expression: string;
}

export function parseOnbuild({ flags, heredocs, original, trigger }: Node): OnbuildInstruction {
  if (trigger === undefined) throw atLeastOneArgument('ONBUILD');
  parseFlags(flags, {});
  const name = trigger.name.toUpperCase();
  if (name === 'ONBUILD') throw new DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", { token: trigger.name });
  if (name === 'MAINTAINER' || name === 'FROM') throw new DockerfileError(`${name} isn't allowed as an ONBUILD trigger`, { token: trigger.name });
  const documents = heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`);
  return { kind: 'onbuild', expression: original.replace(/^\s*ONBUILD\s*/i, '') + documents.join('') };
}
