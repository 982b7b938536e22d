import { bool, list, nullable, optional, pair, struct, text, words, type Decoded } from '../decode.ts';

/** Body of `POST /containers/{id}/exec`. ConsoleSize is rows, then columns. */
export const EXEC_CREATE = struct('container.ExecOptions', {
  User: text,
  Privileged: bool,
  Tty: bool,
  ConsoleSize: optional(nullable(pair)),
  AttachStdin: bool,
  AttachStderr: bool,
  AttachStdout: bool,
  DetachKeys: text,
  Env: list(text),
  WorkingDir: text,
  Cmd: words,
});

/** Body of `POST /exec/{id}/start`. */
export const EXEC_START = struct('container.ExecStartOptions', { Detach: bool, Tty: bool, ConsoleSize: optional(nullable(pair)) });

export type ExecCreate = Decoded<typeof EXEC_CREATE>;
