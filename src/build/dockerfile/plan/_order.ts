import { at, DockerfileError } from '../dockerfile-error.ts';
import { parseMount } from '../instruction/mount.ts';
import { quote } from '../_quote.ts';
import type { PlannedInstruction, PlannedStage } from './build-plan.ts';

/**
 * The stages that are needed, each after all that it needs: images first, then the file's order.
 * @throws DockerfileError where stages need each other, or one reads from a stage below it
 */
export function buildOrder(stages: readonly PlannedStage[], target: number, all: boolean): number[] {
  refuseCircles(stages);
  const needed = new Set<number>();
  const waiting = all ? stages.map(({ index }) => index) : [target];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    waiting.push(...(stages[index] as PlannedStage).needs);
  }
  const order = [...needed].sort((left, right) => rank(stages, left) - rank(stages, right) || left - right);
  for (const index of order) refuseLater(stages, stages[index] as PlannedStage);
  return order;
}

function rank(stages: readonly PlannedStage[], index: number): number {
  return (stages[index] as PlannedStage).isImplicit ? 0 : 1;
}

function refuseLater(stages: readonly PlannedStage[], stage: PlannedStage): void {
  for (const { instruction, sources } of stage.instructions) {
    for (const [place, source] of sources.entries()) {
      if (source === undefined || source < stage.index || (stages[source] as PlannedStage).isImplicit) continue;
      const { lines } = instruction;
      if (instruction.kind === 'copy') {
        throw new DockerfileError(`cannot copy from stage ${quote(instruction.from ?? '')}, it needs to be defined before current stage ${quote(stage.label)}`, { lines, token: instruction.from });
      }
      if (instruction.kind !== 'run') continue;
      const { from = '', target } = at(lines, () => parseMount(instruction.mounts[place] ?? '', (word) => word));
      throw new DockerfileError(`cannot mount from stage ${quote(from)} to ${quote(target)}, stage needs to be defined before current command`, { lines, token: from });
    }
  }
}

/** Follows COPY --from and mounts, without recursion: a file may have many thousands of stages. */
function refuseCircles(stages: readonly PlannedStage[]): void {
  const state = new Uint8Array(stages.length);
  const [OPEN, DONE] = [1, 2];
  for (const first of stages) {
    const path: { stage: PlannedStage; reads: readonly Read[]; next: number }[] = [];
    const enter = (stage: PlannedStage): void => {
      state[stage.index] = OPEN;
      path.push({ stage, reads: readsOf(stage), next: 0 });
    };
    if (state[first.index] === 0) enter(first);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const read = top.reads[top.next++];
      if (read === undefined) {
        state[top.stage.index] = DONE;
        path.pop();
      } else if (state[read.source] === OPEN) {
        throw new DockerfileError(`circular dependency detected on stage: ${first.label}`, { lines: read.by.instruction.lines });
      } else if (state[read.source] === 0) {
        enter(stages[read.source] as PlannedStage);
      }
    }
  }
}

interface Read {
  readonly source: number;
  readonly by: PlannedInstruction;
}

function readsOf({ instructions }: PlannedStage): readonly Read[] {
  return instructions.flatMap((by) => by.sources.flatMap((source) => (source === undefined ? [] : [{ source, by }])));
}
