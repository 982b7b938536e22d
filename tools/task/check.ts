import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import type { Result } from '../test-run/result.ts';
import { summarize } from '../test-run/stage.ts';
import { root, type Task } from './task.ts';

/** The second knows no Node: sealed code that reaches for it does not compile. */
const projects = ['tsconfig.json', 'tsconfig.sealed.json'];

/** Both compilations at once; each counts as one test. */
export async function checkTypes(): Promise<Result[]> {
  console.log(`types: ${projects.join(' and ')}`);
  return Promise.all(projects.map(compile));
}

function compile(project: string): Promise<Result> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project, '--pretty', 'false'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({
      path: project,
      passed: code === 0 ? 1 : 0,
      failures: code === 0 ? [] : [{ name: 'does not compile', detail: output }],
      skips: [],
      durationMs: performance.now() - started,
    }));
  });
}

export const task: Task = async () => {
  const started = performance.now();
  return summarize(await checkTypes(), started);
};
