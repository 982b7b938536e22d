import { createInterface } from 'node:readline/promises';
import type { CliContext } from '../command-spec.ts';

/** Asks, with no as the answer of somebody who just presses Enter, or of a closed input. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  const lines = createInterface({ input: context.io.stdin, output: context.io.stdout, terminal: false });
  context.out(`${question} [y/N] `);
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
