import type { BuildPlan, PlannedStage } from './build-plan.ts';
import { buildOrder } from './_order.ts';
import { needsOf } from './plan-dockerfile.ts';
import { StageList } from './_stage-list.ts';
import { parseTrigger } from './_triggers.ts';

/**
 * The plan in which a stage begins with the ONBUILD instructions of its base image, whose config is known now.
 * They may name stages and images of their own, so `order` may have changed.
 * @throws DockerfileError with the lines of FROM
 */
export function withTriggers(plan: BuildPlan, index: number, expressions: readonly string[] | undefined): BuildPlan {
  const stage = plan.stages[index];
  if (stage === undefined || stage.isImplicit || stage.base.kind === 'stage' || expressions === undefined || expressions.length === 0) return plan;
  const { options, escape } = plan;
  const list = new StageList(plan.stages, options.namedContexts, options.targetPlatform ?? options.buildPlatform);
  const triggers = expressions.map((expression) => list.resolve(parseTrigger(expression, stage.lines), true, escape));
  const instructions = [...triggers, ...stage.instructions];
  list.stages[index] = { ...stage, instructions, needs: needsOf(stage.base, instructions) } satisfies PlannedStage;
  return { ...plan, stages: list.stages, order: buildOrder(list.stages, plan.target, options.allStages ?? false) };
}
