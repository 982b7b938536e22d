import type { Node } from '../parse/node.ts';
import { checkTransferArguments, parseTransfer, type Transfer } from './copy.ts';
import { parseFlags } from './_flags.ts';

/** `ADD [flags] source ... destination`: as COPY, and archives, URLs and git repositories. */
export interface AddInstruction extends Transfer {
  readonly kind: 'add';
  /** Undefined: as the URL of the repository says, else no. */
  readonly keepGitDir: boolean | undefined;
  /** Undefined: local archives yes, remote files no. */
  readonly unpack: boolean | undefined;
  readonly checksum: string;
}

const FLAGS = {
  chown: 'string', chmod: 'string', link: 'boolean', 'keep-git-dir': 'boolean', checksum: 'string', unpack: 'boolean', exclude: 'strings',
} as const;

export function parseAdd(node: Node): AddInstruction {
  checkTransferArguments(node, 'ADD');
  const flags = parseFlags(node.flags, FLAGS);
  return {
    kind: 'add',
    ...parseTransfer(node, 'ADD', flags),
    keepGitDir: flags['keep-git-dir'],
    unpack: flags.unpack,
    checksum: flags.checksum ?? '',
  };
}
