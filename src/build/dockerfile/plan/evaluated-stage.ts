import type { Warning } from '../lint/warning.ts';
import type { BuildStep } from './build-step.ts';
import type { StageImage } from './stage-image.ts';

/** A stage whose base is known: what to do, and what comes out. */
export interface EvaluatedStage {
  readonly steps: readonly BuildStep[];
  /** Its history has no times and begins with the base's. */
  readonly image: StageImage;
  /** Paths that it reads from the build context; `/` is all of it. */
  readonly contextPaths: readonly string[];
  /** Paths that it reads from other stages, by their index. */
  readonly stagePaths: ReadonlyMap<number, readonly string[]>;
  readonly warnings: readonly Warning[];
}
