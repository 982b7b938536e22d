import type { Platform } from '#image/oci/platform.ts';
import type { Lines } from '../dockerfile-error.ts';
import type { Escape, Variables } from '../expand/lexer.ts';
import type { StageInstruction } from '../instruction/instruction.ts';
import type { CheckOptions } from '../lint/check-options.ts';
import type { Warning } from '../lint/warning.ts';
import type { GlobalArg } from './_globals.ts';

/** What a build was asked for, as far as it concerns the Dockerfile. */
export interface PlanOptions {
  /** A stage's name; the last stage when absent. */
  readonly target?: string | undefined;
  readonly buildArgs?: Variables;
  /** Of the machine that builds: `$BUILDPLATFORM`. */
  readonly buildPlatform: Platform;
  /** `--platform`; the build platform when absent. */
  readonly targetPlatform?: Platform | undefined;
  /** The names of `--build-context`, `name` or `name::os/arch`. They come before stages and images of that name. */
  readonly namedContexts?: readonly string[];
  /** Stages whose steps never come from the cache; an empty list means all of them. */
  readonly noCache?: readonly string[] | undefined;
  /** Several platforms are built at once, so the titles of steps name theirs. */
  readonly isMultiPlatform?: boolean;
  /** Every stage is needed, not only what the target needs: what a check wants. */
  readonly allStages?: boolean;
}

/** A Dockerfile understood: stages, what they need, and in which order. Nothing in it depends on an image. */
export interface BuildPlan {
  readonly text: string;
  readonly options: PlanOptions;
  readonly escape: Escape;
  readonly checks: CheckOptions;
  /** In the file's order; stages that are only named by COPY --from and mounts follow at the end. A stage's place is its `index`. */
  readonly stages: readonly PlannedStage[];
  /** Index of the stage that is the result. */
  readonly target: number;
  /** Indexes of the stages to build, each after all that it needs. */
  readonly order: readonly number[];
  /** Predefined arguments and those before the first FROM, with the values of this build. */
  readonly globals: Variables;
  readonly globalArgs: ReadonlyMap<string, GlobalArg>;
  /** What BuildKit's checks found so far. `evaluateStage` finds more. */
  readonly warnings: readonly Warning[];
}

export interface PlannedStage {
  readonly index: number;
  /** Its name in lower case, or `stage-2`; empty where the file has one stage only. */
  readonly label: string;
  /** Undefined where it has none. */
  readonly name: string | undefined;
  readonly base: StageBase;
  /** Of `--platform`. Undefined: the base stage's, else the target platform. */
  readonly platform: Platform | undefined;
  readonly instructions: readonly PlannedInstruction[];
  /** Indexes of the stages that must be there before: the base, and what COPY and mounts read from. */
  readonly needs: readonly number[];
  /** Not in the file: an image or context that COPY --from or a mount names. It has no instructions. */
  readonly isImplicit: boolean;
  readonly ignoresCache: boolean;
  /** Arguments that its FROM names. */
  readonly usesGlobals: readonly string[];
  /** The FROM instruction. */
  readonly source: string;
  readonly lines: Lines;
  /** The comment above FROM, without the stage's name. */
  readonly comment: string;
}

export type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly index: number }
  /** `written` as in the file after expansion, `reference` in full with its tag. */
  | { readonly kind: 'image'; readonly written: string; readonly reference: string }
  /** A `--build-context`: the key to find it with is `name`. */
  | { readonly kind: 'context'; readonly name: string };

export interface PlannedInstruction {
  readonly instruction: StageInstruction;
  /** Indexes of the stages that COPY --from and each mount read from; undefined where it is the build context. */
  readonly sources: readonly (number | undefined)[];
  /** Comes from the base image's ONBUILD. */
  readonly isTrigger: boolean;
}
