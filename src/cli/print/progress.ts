import { GantryError } from '#base/error.ts';
import { progressLine, type ProgressDetail } from '#base/progress-line.ts';

/** One message of a stream of pull, load, import or push. */
export interface ProgressMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: ProgressDetail;
  readonly progress?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number; readonly message?: string };
  readonly aux?: unknown;
}

export interface ProgressScreen {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

/**
 * Shows progress messages: in a terminal each id keeps its line, which is rewritten; elsewhere only plain lines are
 * written. Throws `internal` with the daemon's words when a message is an error.
 */
export class ProgressDisplay {
  readonly #screen: ProgressScreen;
  #lines = new Map<string, number>();

  constructor(screen: ProgressScreen) {
    this.#screen = screen;
  }

  show(message: ProgressMessage): void {
    if (message.aux !== undefined && message.aux !== null) return;
    const { write, isTerminal } = this.#screen;
    const id = message.id ?? '';
    const up = this.#place(message, id);
    if (isTerminal && up > 0) write(`\x1b[${up}A`);
    this.#display(message, id);
    if (isTerminal && id !== '' && up > 0) write(`\x1b[${up}B`);
  }

  /** How many lines up the line of this id is; a message without progress ends the block of lines. */
  #place(message: ProgressMessage, id: string): number {
    if (id === '' || (message.progressDetail === undefined && (message.progress ?? '') === '')) {
      this.#lines = new Map();
      return 0;
    }
    let line = this.#lines.get(id);
    if (line === undefined) {
      line = this.#lines.size;
      this.#lines.set(id, line);
      if (this.#screen.isTerminal) this.#screen.write('\n');
    }
    return this.#lines.size - line;
  }

  #display(message: ProgressMessage, id: string): void {
    const failure = message.errorDetail?.message ?? message.error;
    if (failure !== undefined) throw new GantryError('internal', failure);
    const { write, isTerminal, columns } = this.#screen;
    const { progressDetail, status = '', stream = '' } = message;
    const bar = progressDetail === undefined ? '' : progressLine(progressDetail, columns);
    const rewrites = isTerminal && stream === '' && progressDetail !== undefined;
    if (!rewrites && bar !== '') return;
    const prefix = id === '' ? '' : `${id}: `;
    if (rewrites) write(`\x1b[2K\r${prefix}${status} ${bar}\r`);
    else if (progressDetail !== undefined && isTerminal) write(`${prefix}${status} ${bar}`);
    else if ((message.progress ?? '') !== '') write(`${prefix}${status} ${message.progress ?? ''}`);
    else write(stream === '' ? `${prefix}${status}\n` : prefix + stream);
  }
}
