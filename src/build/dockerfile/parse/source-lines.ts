import { DockerfileError } from '../dockerfile-error.ts';

/** BuildKit reads no longer lines; a minified file in a heredoc is copied instead. */
const MAX_LINE_BYTES = 65_535;

/** The lines of a file one after the other, each with its end. */
export class SourceLines {
  readonly #text: string;
  #position = 0;
  #number = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The number of the line that was read last; the first is 1. */
  get number(): number {
    return this.#number;
  }

  /** Undefined at the end. @throws DockerfileError for a line that is too long */
  next(): string | undefined {
    if (this.#position >= this.#text.length) return undefined;
    const feed = this.#text.indexOf('\n', this.#position);
    const line = feed < 0 ? this.#text.slice(this.#position) : this.#text.slice(this.#position, feed + 1);
    this.#number++;
    if (isTooLong(line)) {
      throw new DockerfileError(`dockerfile line greater than max allowed size of ${MAX_LINE_BYTES}`, { lines: { start: this.#number, end: this.#number } });
    }
    this.#position += line.length;
    return line;
  }
}

function isTooLong(line: string): boolean {
  if (line.length * 3 <= MAX_LINE_BYTES) return false;
  const content = line.endsWith('\n') ? line.slice(0, -1) : line;
  return content.length > MAX_LINE_BYTES || new TextEncoder().encode(content).length > MAX_LINE_BYTES;
}

/** Without line feed and carriage returns. */
export function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === '\n' || line[end - 1] === '\r')) end--;
  return line.slice(0, end);
}
