import type { BuildPlan } from './build-plan.ts';
import type { EvaluatedStage } from './evaluated-stage.ts';

/** An instruction of a Dockerfile as Docker's first builder counted them. */
export interface ClassicStep {
  /** As it stands in the file. */
  readonly text: string;
  /** What progress calls the step that it is. Undefined: a FROM, or one that changes the image's configuration only. */
  readonly title: string | undefined;
}

/** The instructions of the stages that are built, in the order of the file. */
export function classicSteps(plan: BuildPlan, evaluated: ReadonlyMap<number, EvaluatedStage>): readonly ClassicStep[] {
  return plan.order.toSorted((a, b) => a - b).flatMap((index): ClassicStep[] => {
    const stage = plan.stages[index];
    if (stage === undefined || stage.isImplicit) return [];
    const steps = evaluated.get(index)?.steps ?? [];
    return [
      { text: stage.source, title: undefined },
      ...stage.instructions.filter(({ isTrigger }) => !isTrigger).map(({ instruction }) => ({ text: instruction.source, title: steps.find(({ lines }) => lines.start === instruction.lines.start)?.title })),
    ];
  });
}
