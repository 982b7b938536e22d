/** One command of docker's, without the word `docker`. In every word NAME, PORT, IMAGE, FILE, SINCE and NOW are filled in. */
export interface Step {
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** What is printed is one JSON value, or one on each line: it is compared field by field. */
  readonly json?: boolean;
  /** Lines come in no order. */
  readonly unordered?: boolean;
  /** The command never ends by itself: it gets a SIGTERM after so long. */
  readonly endAfterMs?: number;
}

export type Script = readonly (readonly string[] | Step)[];

export function stepOf(step: readonly string[] | Step): Step {
  return 'argv' in step ? step : { argv: step };
}

export function json(...argv: readonly string[]): Step {
  return { argv, json: true };
}

export function unordered(...argv: readonly string[]): Step {
  return { argv, unordered: true };
}

/** With this on its standard input. */
export function fed(stdin: string, ...argv: readonly string[]): Step {
  return { argv, stdin };
}
