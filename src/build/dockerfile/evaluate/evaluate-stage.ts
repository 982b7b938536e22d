import type { ImageConfig } from '#image/oci/image-config.ts';
import type { Platform } from '#image/oci/platform.ts';
import { GantryError } from '#base/error.ts';
import { at } from '../dockerfile-error.ts';
import type { IgnoreRules } from '../ignore/ignore-rules.ts';
import { Linter } from '../lint/linter.ts';
import { messages } from '../lint/rules.ts';
import type { BuildPlan, PlannedInstruction, PlannedStage } from '../plan/build-plan.ts';
import { normalizePlatform, platformText } from '../plan/platform-text.ts';
import type { EvaluatedStage } from '../plan/evaluated-stage.ts';
import type { StageImage } from '../plan/stage-image.ts';
import { evaluateCopy } from './_copy.ts';
import {
  evaluateArg, evaluateCmd, evaluateEntrypoint, evaluateEnv, evaluateExpose, evaluateHealthcheck, evaluateLabel, evaluateStopSignal, evaluateVolume,
  evaluateWorkdir,
} from './_metadata.ts';
import { evaluateRun } from './_run.ts';
import { DEFAULT_PATH, StageState } from './_stage-state.ts';

const NO_SCOPE = { variables: new Map<string, string>(), args: [], hasWorkingDir: false };

/** What `FROM scratch` begins with. */
export function emptyBase(platform: Platform): StageImage {
  const env = platform.os === 'windows' ? {} : { Env: [`PATH=${DEFAULT_PATH}`] };
  return { platform, config: { WorkingDir: '/', ...env }, author: undefined, history: [], scope: NO_SCOPE };
}

/** What a stage on an image, or on a named context that is one, begins with. */
export function imageBase(platform: Platform, { config, author, history }: Pick<ImageConfig, 'config' | 'author' | 'history'>): StageImage {
  return { platform, config, author, history, scope: NO_SCOPE };
}

/** The platform that a stage's image is asked for. Of a stage on a stage, it is that stage's. */
export function platformOf({ options }: BuildPlan, { platform }: PlannedStage): Platform {
  return platform ?? options.targetPlatform ?? options.buildPlatform;
}

/**
 * Settles every name and path of a stage, its base being known.
 * @throws DockerfileError with the lines of the instruction
 */
export function evaluateStage(plan: BuildPlan, index: number, base: StageImage, ignore?: IgnoreRules): EvaluatedStage {
  const stage = plan.stages[index];
  if (stage === undefined) throw new GantryError('internal', `the build plan has no stage ${index}`);
  const linter = new Linter(plan.checks);
  checkBasePlatform(plan, stage, base, linter);
  const state = new StageState(plan, stage, base, linter);
  for (const planned of stage.instructions) {
    state.isTrigger = planned.isTrigger;
    at(planned.instruction.lines, () => evaluate(state, planned, ignore));
  }
  const { steps, contextPaths, stagePaths } = state;
  return {
    steps, image: state.image(), contextPaths: [...contextPaths].sort(),
    stagePaths: new Map([...stagePaths].map(([from, paths]) => [from, [...paths].sort()])), warnings: linter.warnings,
  };
}

function checkBasePlatform(plan: BuildPlan, stage: PlannedStage, { platform }: StageImage, linter: Linter): void {
  if (stage.base.kind !== 'image' || stage.isImplicit) return;
  const wanted = normalizePlatform(platformOf(plan, stage));
  const actual = normalizePlatform(platform);
  if (wanted.os === actual.os && wanted.architecture === actual.architecture) return;
  linter.report('InvalidBaseImagePlatform', stage.lines, messages.baseImagePlatform(stage.base.written, platformText(actual), platformText(wanted)));
}

function evaluate(state: StageState, { instruction, sources }: PlannedInstruction, ignore: IgnoreRules | undefined): void {
  switch (instruction.kind) {
    case 'add': case 'copy': return evaluateCopy(state, instruction, sources[0], ignore);
    case 'arg': return evaluateArg(state, instruction);
    case 'cmd': return evaluateCmd(state, instruction);
    case 'entrypoint': return evaluateEntrypoint(state, instruction);
    case 'env': return evaluateEnv(state, instruction);
    case 'expose': return evaluateExpose(state, instruction);
    case 'healthcheck': return evaluateHealthcheck(state, instruction);
    case 'label': return evaluateLabel(state, instruction);
    case 'maintainer':
      state.author = instruction.author;
      state.commit(`MAINTAINER ${instruction.author}`);
      return undefined;
    case 'onbuild':
      state.config.OnBuild = [...state.config.OnBuild ?? [], instruction.expression];
      return undefined;
    case 'run': return evaluateRun(state, instruction, sources);
    case 'shell':
      state.config.Shell = instruction.shell;
      state.commit(`SHELL [${instruction.shell.join(' ')}]`);
      return undefined;
    case 'stopsignal': return evaluateStopSignal(state, instruction.signal, instruction);
    case 'user':
      state.config.User = state.expand(instruction.user, instruction.lines);
      state.commit(`USER ${state.config.User}`);
      return undefined;
    case 'volume': return evaluateVolume(state, instruction);
    case 'workdir': return evaluateWorkdir(state, instruction);
  }
}
