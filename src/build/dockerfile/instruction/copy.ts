import { DockerfileError } from '../dockerfile-error.ts';
import { contentOf, heredocOrNone } from '../parse/heredoc.ts';
import type { Node } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';

/** `COPY [flags] source ... destination`. */
export interface CopyInstruction extends Transfer {
  readonly kind: 'copy';
  /** `--from`: a stage, image or context. */
  readonly from: string | undefined;
  readonly parents: boolean;
}

/** What COPY and ADD share. Nothing is expanded. */
export interface Transfer {
  readonly sources: readonly string[];
  readonly documents: readonly InlineDocument[];
  readonly destination: string;
  readonly chown: string;
  readonly chmod: string;
  readonly link: boolean;
  readonly exclude: readonly string[];
}

/** A heredoc as a source: a file of that name. */
export interface InlineDocument {
  readonly name: string;
  readonly content: string;
  readonly expands: boolean;
}

const FLAGS = { parents: 'boolean', chown: 'string', from: 'string', chmod: 'string', link: 'boolean', exclude: 'strings' } as const;

export function parseCopy(node: Node): CopyInstruction {
  checkTransferArguments(node, 'COPY');
  const flags = parseFlags(node.flags, FLAGS);
  return {
    kind: 'copy',
    ...parseTransfer(node, 'COPY', flags),
    from: flags.from === '' ? undefined : flags.from,
    parents: flags.parents ?? false,
  };
}

export function checkTransferArguments({ args }: Node, name: string): void {
  if (args.length >= 2) return;
  throw new DockerfileError(`${name} requires at least two arguments, but only one was provided. Destination could not be determined`, { token: args[0] ?? name });
}

export interface TransferFlags {
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly link: boolean | undefined;
  readonly exclude: readonly string[];
}

export function parseTransfer(node: Node, name: string, { chown = '', chmod = '', link = false, exclude }: TransferFlags): Transfer {
  const destination = node.args.at(-1) as string;
  if (heredocOrNone(destination) !== undefined) throw new DockerfileError(`${name} cannot accept a heredoc as a destination`, { token: destination });
  const contents = new Map(node.heredocs.map((heredoc) => [heredoc.name, heredoc]));
  const sources: string[] = [];
  const documents: InlineDocument[] = [];
  for (const source of node.args.slice(0, -1)) {
    const heredoc = heredocOrNone(source);
    if (heredoc === undefined) sources.push(source);
    else documents.push({ name: heredoc.name, content: contentOf({ content: contents.get(heredoc.name)?.content ?? '', chomps: heredoc.chomps }), expands: heredoc.expands });
  }
  return { sources, documents, destination, chown, chmod, link, exclude };
}
