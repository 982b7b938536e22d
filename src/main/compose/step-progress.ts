import { messageOf } from '#base/error.ts';
import type { OutputStream } from '#cli/io.ts';
import type { Progress } from '#compose/apply/run-plan.ts';
import type { PlanNode } from '#compose/plan/plan.ts';
import { subjectOf, verbs } from '#compose/plan/step.ts';

export type ProgressMode = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

/** Progress on stderr: lines that are rewritten in a terminal, plain lines elsewhere. */
export function stepProgress(mode: ProgressMode, stream: OutputStream): Progress {
  const warn = (text: string): void => void stream.write(`WARN ${text}\n`);
  const live = mode === 'tty' || (mode === 'auto' && stream.isTTY === true);
  if (mode === 'quiet') return { begin: () => {}, done: () => {}, failed: () => {}, warn };
  const show = mode === 'json' ? jsonLines(stream) : live ? new LiveLines(stream).show : (node: PlanNode, text: string) => void stream.write(` ${subjectOf(node.step)}  ${text}\n`);
  return {
    begin: (node) => show(node, verbs[node.step.kind][0], 'working'),
    done: (node, note) => show(node, note ?? verbs[node.step.kind][1], 'done'),
    failed: (node, error) => show(node, messageOf(error).split('\n')[0] ?? '', 'error'),
    warn: mode === 'json' ? (text) => void stream.write(`${JSON.stringify({ level: 'warning', msg: text })}\n`) : warn,
  };
}

type Show = (node: PlanNode, text: string, status: 'working' | 'done' | 'error') => void;

function jsonLines(stream: OutputStream): Show {
  return ({ step, cause }, text, status) => void stream.write(`${JSON.stringify({ id: subjectOf(step), status, text, cause })}\n`);
}

const MARKS = { working: '\x1b[33m⠿\x1b[0m', done: '\x1b[32m✔\x1b[0m', error: '\x1b[31m✘\x1b[0m' } as const;

/** A line for each thing, in the order in which they came up. */
class LiveLines {
  readonly #stream: OutputStream;
  readonly #lines = new Map<string, string>();
  #drawn = 0;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  readonly show: Show = ({ step }, text, status) => {
    const width = (this.#stream.columns ?? 80) - 1;
    const plain = ` ${subjectOf(step)}  ${text}`;
    this.#lines.set(subjectOf(step), ` ${MARKS[status]}${plain.slice(0, Math.max(10, width - 2))}`);
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '';
    this.#drawn = this.#lines.size;
    this.#stream.write(`${up}${[...this.#lines.values()].map((line) => `\x1b[2K${line}\n`).join('')}`);
  };
}
