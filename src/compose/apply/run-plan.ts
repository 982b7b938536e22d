import type { Plan, PlanNode } from '../plan/plan.ts';

/** Told of each step as it goes. */
export interface Progress {
  begin(node: PlanNode): void;
  /** `note` says more than that it is done: `Exited`, `Healthy`. */
  done(node: PlanNode, note?: string): void;
  failed(node: PlanNode, error: unknown): void;
  warn(text: string): void;
}

export interface RunOptions {
  readonly progress: Progress;
  /** Steps at a time; below 1 for any number. */
  readonly parallel: number;
  /** Asked before each step begins: nothing new does when it says so. */
  readonly isCancelled: () => boolean;
}

export type Execute = (node: PlanNode) => Promise<string | void>;

/**
 * Does the steps of a plan, each when those before it are done. After a failure nothing new begins; what has begun is
 * waited for, and the first error is thrown. Answers whether all was done.
 */
export async function runPlan({ nodes, warnings }: Plan, execute: Execute, { progress, parallel, isCancelled }: RunOptions): Promise<boolean> {
  for (const warning of warnings) progress.warn(warning);
  const waiting = new Set(nodes);
  const done = new Set<number>();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const run = async (node: PlanNode): Promise<void> => {
    progress.begin(node);
    try {
      const note = await execute(node);
      progress.done(node, note ?? undefined);
      done.add(node.id);
    } catch (error) {
      progress.failed(node, error);
      failures.push(error);
    }
  };
  while (waiting.size > 0 && failures.length === 0 && !isCancelled()) {
    for (const node of waiting) {
      if ((parallel > 0 && running.size >= parallel) || !node.after.every((id) => done.has(id))) continue;
      waiting.delete(node);
      const work: Promise<void> = run(node).finally(() => running.delete(work));
      running.add(work);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return waiting.size === 0;
}
