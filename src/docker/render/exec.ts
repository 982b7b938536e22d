import type { Exec } from '#container/model/exec.ts';
import { parseDetachKeys } from '../detach-keys.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    for (let digit = 0; digit < 4; digit++) text += at + digit > bytes.length ? '=' : DIGITS[(bits >> (18 - 6 * digit)) & 63] ?? '';
  }
  return text;
}

/** `GET /exec/{id}/json`. */
export function renderExec({ spec, state }: Exec) {
  const [entrypoint = '', ...args] = spec.args;
  return {
    ID: spec.id,
    Running: state.phase === 'running',
    ExitCode: state.exitCode ?? null,
    ProcessConfig: { tty: spec.terminal, entrypoint, arguments: args, privileged: spec.privileged, ...(spec.user === '' ? {} : { user: spec.user }) },
    OpenStdin: spec.attachStdin,
    OpenStderr: spec.attachStderr,
    OpenStdout: spec.attachStdout,
    CanRemove: false,
    ContainerID: spec.container,
    DetachKeys: spec.detachKeys === '' ? '' : base64(parseDetachKeys(spec.detachKeys)),
    Pid: state.process?.pid ?? 0,
  };
}
