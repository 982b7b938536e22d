import type { ImageHistory, ImageRunConfig } from '#image/oci/image-config.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { Variables } from '../expand/lexer.ts';

/** What a stage is when its steps are done, apart from its files; also what it begins with. */
export interface StageImage {
  readonly platform: Platform;
  readonly config: ImageRunConfig;
  readonly author: string | undefined;
  readonly history: readonly ImageHistory[];
  /** What a stage on top of this one inherits beside its config. */
  readonly scope: StageScope;
}

export interface StageScope {
  /** ENV and ARG together: what instructions expand and commands see. */
  readonly variables: Variables;
  /** ARG of this stage and those below, in order. */
  readonly args: readonly DeclaredArg[];
  /** WORKDIR was used in this file. */
  readonly hasWorkingDir: boolean;
}

export interface DeclaredArg {
  readonly name: string;
  readonly value: string | undefined;
}
