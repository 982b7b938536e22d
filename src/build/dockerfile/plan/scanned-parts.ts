import { goBoolean } from '../instruction/_boolean.ts';
import type { BuildPlan, PlannedStage } from './build-plan.ts';

/** What a bill of materials is to tell of beside the result. */
export interface ScannedParts {
  /** Indexes of stages that the target needs. */
  readonly stages: readonly number[];
  readonly context: boolean;
}

/**
 * `BUILDKIT_SBOM_SCAN_STAGE` and `BUILDKIT_SBOM_SCAN_CONTEXT`, as build arguments or as ARGs before the first FROM or in a stage: `true`, or names of
 * stages by commas (BuildKit docs/attestations/sbom.md).
 */
export function scannedParts(plan: BuildPlan): ScannedParts {
  const own = plan.order.flatMap((index) => plan.stages[index] ?? []).filter(({ isImplicit }) => !isImplicit);
  return {
    stages: own.filter((stage) => stage.index !== plan.target && isAsked(plan, stage, 'BUILDKIT_SBOM_SCAN_STAGE')).map(({ index }) => index),
    context: own.some((stage) => isAsked(plan, stage, 'BUILDKIT_SBOM_SCAN_CONTEXT')),
  };
}

function isAsked({ options, globalArgs }: BuildPlan, { name, instructions }: PlannedStage, argument: string): boolean {
  const inside = instructions.flatMap(({ instruction }) => (instruction.kind === 'arg' ? instruction.args : [])).filter((arg) => arg.name === argument).at(-1)?.value;
  const value = options.buildArgs?.get(argument) ?? inside ?? globalArgs.get(argument)?.value ?? '';
  return goBoolean(value) ?? (name !== undefined && value.split(',').some((one) => one.trim().toLowerCase() === name));
}
