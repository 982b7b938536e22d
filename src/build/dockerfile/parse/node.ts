import type { Lines } from '../dockerfile-error.ts';

/** One instruction as it stands in the file: split into its parts, nothing expanded, nothing judged. */
export interface Node {
  /** As written: `RUN`, `run`. */
  readonly name: string;
  /** With their dashes: `--mount=type=cache`. */
  readonly flags: readonly string[];
  /** The words, the elements of a JSON array, or the rest of the line as one, as the instruction has it. */
  readonly args: readonly string[];
  /** The arguments were a JSON array. */
  readonly isJson: boolean;
  /** Of ENV and LABEL, in place of `args`. */
  readonly pairs: readonly Pair[];
  /** The instruction after ONBUILD. */
  readonly trigger: Node | undefined;
  readonly heredocs: readonly Heredoc[];
  /** The line with its continuations joined, without heredocs. */
  readonly original: string;
  readonly lines: Lines;
  /** The comments directly above. */
  readonly comments: readonly string[];
}

export interface Pair {
  readonly key: string;
  /** With its quotes. */
  readonly value: string;
  /** Written `KEY value`, without `=`. */
  readonly isLegacy: boolean;
}

export interface Heredoc {
  readonly name: string;
  /** The number before `<<`; 0 where there is none. */
  readonly descriptor: number;
  /** Variables in it are expanded: no part of the name was quoted. */
  readonly expands: boolean;
  /** `<<-`: leading tabs are not part of it. */
  readonly chomps: boolean;
  /** As in the file, with its tabs. */
  readonly content: string;
}
