import { spawn, spawnSync, type ChildProcess } from 'node:child_process';

const PYTHON = '/usr/bin/python3';
/** renameat2(2) with RENAME_EXCHANGE, again and again, as a hostile container with a shared volume does it. */
const PROGRAM = `
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
one, two = sys.argv[1].encode(), sys.argv[2].encode()
print("swapping", flush=True)
while True:
    libc.renameat2(-100, one, -100, two, 2)
`;

/** Why nothing can be swapped here, or false. */
export const noSwapping: string | false = spawnSync(PYTHON, ['-c', 'import ctypes; ctypes.CDLL(None).renameat2']).status === 0 ? false : 'needs Python with renameat2';

/** Two names of one file system change places until it is stopped. */
export class Swapping {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(one: string, two: string): Promise<Swapping> {
    const child = spawn(PYTHON, ['-c', PROGRAM, one, two], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return new Swapping(child);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
