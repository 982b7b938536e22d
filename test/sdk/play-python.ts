import { spawn, spawnSync } from 'node:child_process';

/** The system's own: it has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const LONGEST_MS = 180_000;

export interface Told {
  readonly name: string;
  readonly fault: string | null;
}

/** Why a module of Python is not there, or false. @param debianPackage has it */
export function whyNoModule(module: string, debianPackage: string): string | false {
  return spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0 ? false : `needs ${debianPackage}`;
}

/** Runs a script of scenarios in `test/sdk/`, which says in a line of JSON how each came out. */
export function playPython(script: string, env: Readonly<Record<string, string>>): Promise<Told[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, [new URL(script, import.meta.url).pathname], { env: { PATH: process.env['PATH'], PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1', ...env }, timeout: LONGEST_MS, killSignal: 'SIGKILL' });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('close', (code) => {
      if (code === 0) resolve(out.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Told));
      else reject(new Error(`${script} ended with ${code}: ${err}\n${out}`));
    });
  });
}
