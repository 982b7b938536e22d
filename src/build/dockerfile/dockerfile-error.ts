import { GantryError } from '#base/error.ts';

/** Lines of a Dockerfile, both included; the first is 1. */
export interface Lines {
  readonly start: number;
  readonly end: number;
}

export interface DockerfileErrorDetail {
  readonly lines?: Lines | undefined;
  /** The text in those lines that is at fault; the excerpt points at it. */
  readonly token?: string | undefined;
  /** The name that was probably meant. It is in the message already. */
  readonly suggestion?: string | undefined;
}

/** What is wrong with a Dockerfile, in BuildKit's words, and where. The only error that this room throws. */
export class DockerfileError extends GantryError {
  readonly lines: Lines | undefined;
  readonly token: string | undefined;

  constructor(message: string, { lines, token, suggestion }: DockerfileErrorDetail = {}) {
    super('invalid', suggestion === undefined ? message : `${message} (did you mean ${suggestion}?)`, { subject: 'Dockerfile' });
    this.lines = lines;
    this.token = token;
  }
}

/** Runs `body`, and gives what it throws the lines, unless it has lines already. */
export function at<T>(lines: Lines, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof DockerfileError) || error.lines !== undefined) throw error;
    throw new DockerfileError(error.message, { lines, token: error.token });
  }
}
