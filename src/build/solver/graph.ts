import type { TreeSelection } from '#image/snapshot/tree-work.ts';

/** A node of a build: an operation over the results of others. Steps are compared by identity; equal work is found by key. */
export interface Step<Op> {
  readonly op: Op;
  readonly inputs: readonly Input<Op>[];
  /** Not looked up, and its result replaces what was kept. */
  readonly ignoresCache: boolean;
}

export interface Input<Op> {
  readonly step: Step<Op>;
  /** What the step reads of it: a change of anything else leaves the step as it was. Absent: all of it. */
  readonly reads?: readonly TreeSelection[];
}

/** Every step that a target stands on, inputs before those who use them, each once. */
export function stepsBelow<Op>(targets: readonly Step<Op>[]): readonly Step<Op>[] {
  const ordered = new Set<Step<Op>>();
  // An explicit stack: a chain of steps may be longer than the call stack is deep.
  const stack: { readonly step: Step<Op>; isOpen: boolean }[] = targets.map((step) => ({ step, isOpen: false })).reverse();
  while (stack.length > 0) {
    const top = stack.at(-1) as (typeof stack)[number];
    if (top.isOpen || ordered.has(top.step)) {
      ordered.add(top.step);
      stack.pop();
      continue;
    }
    top.isOpen = true;
    for (const { step } of [...top.step.inputs].reverse()) if (!ordered.has(step)) stack.push({ step, isOpen: false });
  }
  return [...ordered];
}

/** What is read of each step by those of `steps` that read only a part of it. */
export function readersOf<Op>(steps: readonly Step<Op>[]): ReadonlyMap<Step<Op>, readonly (readonly TreeSelection[])[]> {
  const readers = new Map<Step<Op>, (readonly TreeSelection[])[]>();
  for (const { step, reads } of steps.flatMap(({ inputs }) => inputs)) {
    if (reads === undefined) continue;
    const known = readers.get(step);
    if (known === undefined) readers.set(step, [reads]);
    else known.push(reads);
  }
  return readers;
}
