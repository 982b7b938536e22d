import { GantryError, messageOf } from '#base/error.ts';

/**
 * A failed start in Docker's words, which its CLI turns into exit codes: 127 for a program that is not there, 126 for
 * one that can't be run, 125 for the rest.
 */
export function startError(thrown: unknown, program: string): GantryError {
  const message = messageOf(thrown);
  const told = (kind: 'invalid' | 'internal', text: string): GantryError =>
    new GantryError(kind, `failed to create task for container: ${text}`, { cause: thrown, ...(thrown instanceof GantryError && thrown.subject !== undefined ? { subject: thrown.subject } : {}) });
  // Before the rest: its path may read like anything.
  const directory = /chdir [`']([^]*)[`']: (.+)/.exec(message);
  if (directory !== null) {
    const [, path = '', why = ''] = directory;
    return told('invalid', `failed to create shim task: OCI runtime create failed: crun create failed: unable to start container process: error during container init: chdir to cwd ("${path}") set in config.json failed: ${why.toLowerCase()}`);
  }
  const isMissing = /executable file .* not found|No such file or directory/i.test(message) && /exec|executable/i.test(message);
  // A program of no name is looked for in the directories of PATH, and the runtime finds one of those.
  if (isMissing || (program === '' && /exec/i.test(message))) {
    const why = program.includes('/') ? `stat ${program}: no such file or directory` : 'executable file not found in $PATH';
    return told('invalid', `failed to create shim task: OCI runtime create failed: crun create failed: unable to start container process: error during container init: exec: "${program}": ${why}`);
  }
  // crun's words for a program that is a directory.
  if (/open executable: Operation not permitted/.test(message)) {
    return told('invalid', `failed to create shim task: OCI runtime create failed: crun create failed: unable to start container process: error during container init: exec: "${program}": is a directory: permission denied`);
  }
  if (/exec/i.test(message) && /Permission denied|Is a directory|Exec format error/i.test(message)) {
    const why = /Is a directory/i.test(message) ? 'is a directory' : /Exec format/i.test(message) ? 'exec format error' : 'permission denied';
    return told('invalid', `failed to create shim task: OCI runtime create failed: crun create failed: unable to start container process: error during container init: exec: "${program}": ${why}`);
  }
  if (thrown instanceof GantryError) return thrown;
  return told('internal', message);
}
