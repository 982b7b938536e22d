import type { Platform } from '#image/oci/platform.ts';
import { DockerfileError, type Lines } from '../dockerfile-error.ts';
import { expandText, type Escape, type Variables } from '../expand/lexer.ts';
import type { StageInstruction } from '../instruction/instruction.ts';
import type { PlannedInstruction, PlannedStage, StageBase } from './build-plan.ts';
import { fullImageName, namedContext } from './_image-name.ts';

const NO_VARIABLES: Variables = new Map();

/** The stages of a plan while it is made. Naming an image in COPY --from or a mount adds a stage of its own. */
export class StageList {
  readonly stages: PlannedStage[] = [];
  readonly #byName = new Map<string, number>();
  readonly #implicitByName = new Map<string, number>();
  readonly #contexts: readonly string[] | undefined;
  readonly #platform: Platform;

  /** `platform` is what images are asked for. */
  constructor(stages: readonly PlannedStage[], contexts: readonly string[] | undefined, platform: Platform) {
    this.#contexts = contexts;
    this.#platform = platform;
    for (const stage of stages) this.add(stage);
  }

  add(stage: PlannedStage): void {
    this.stages.push(stage);
    if (stage.isImplicit) this.#implicitByName.set(stage.source, stage.index);
    else if (stage.name !== undefined) this.#byName.set(stage.name, stage.index);
  }

  /** The last stage of that name comes before those above it. */
  find(name: string): number | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** An image or context, which no stage has the name of. */
  baseNamed(name: string, platform: Platform = this.#platform): StageBase {
    if (name === 'scratch') return { kind: 'scratch' };
    const reference = fullImageName(name);
    const context = namedContext(reference, platform, this.#contexts);
    return context === undefined ? { kind: 'image', written: name, reference } : { kind: 'context', name: context };
  }

  /** What an instruction reads from, stages being added for what is none. */
  resolve(instruction: StageInstruction, isTrigger: boolean, escape: Escape): PlannedInstruction {
    const { kind, lines } = instruction;
    if (kind === 'copy' && instruction.from !== undefined) return { instruction, isTrigger, sources: [this.#copySource(instruction.from, lines, escape)] };
    if (kind === 'run') return { instruction, isTrigger, sources: instruction.mountSources.map((from) => (from === undefined ? undefined : this.find(from) ?? this.#implicit(from, lines))) };
    return { instruction, isTrigger, sources: [] };
  }

  #copySource(from: string, lines: Lines, escape: Escape): number {
    if (expandText(from, NO_VARIABLES, escape) !== from) {
      throw new DockerfileError('variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround', { lines, token: from });
    }
    if (!/^[+-]?\d+$/.test(from)) return this.find(from) ?? this.#implicit(from, lines);
    const index = Number(from);
    if (this.stages[index]?.isImplicit ?? true) throw new DockerfileError(`invalid stage index ${index}`, { lines, token: from });
    return index;
  }

  #implicit(name: string, lines: Lines): number {
    const known = this.#implicitByName.get(name);
    if (known !== undefined) return known;
    const index = this.stages.length;
    this.add({
      index, label: '', name: undefined, base: this.#implicitBase(name, lines), platform: undefined, instructions: [], needs: [], isImplicit: true,
      ignoresCache: false, usesGlobals: [], source: name, lines, comment: '',
    });
    return index;
  }

  #implicitBase(name: string, lines: Lines): StageBase {
    try {
      return this.baseNamed(name);
    } catch (error) {
      if (error instanceof DockerfileError) throw new DockerfileError(error.message, { lines, token: name });
      throw error;
    }
  }
}
