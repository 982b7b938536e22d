import { GantryError, messageOf } from '#base/error.ts';
import type { Host } from '#container/host/port.ts';
import { printStep, type HostStep, type StepKind, type StepOutcomes } from '#container/host/step.ts';

export type OutcomeOf = { readonly [Kind in StepKind]?: StepOutcomes[Kind] };

function perform(host: Host, step: HostStep): Promise<unknown> {
  // The mapped type of the executors guarantees the pair; TypeScript can't follow it through a union.
  const executors = host as unknown as Readonly<Record<StepKind, (step: HostStep) => Promise<unknown>>>;
  return executors[step.kind](step);
}

/**
 * Does the steps in order. `before` is called ahead of each, so that the caller can do its part at the right moment.
 * @throws GantryError as the host threw it; which step it was is in its subject
 */
export async function applySteps(host: Host, steps: readonly HostStep[], before: (step: HostStep) => Promise<void> | void = () => {}): Promise<OutcomeOf> {
  const outcomes: Record<string, unknown> = {};
  for (const step of steps) {
    try {
      await before(step);
      outcomes[step.kind] = await perform(host, step);
    } catch (thrown) {
      if (thrown instanceof GantryError && thrown.subject !== undefined) throw thrown;
      const kind = thrown instanceof GantryError ? thrown.kind : 'internal';
      throw new GantryError(kind, messageOf(thrown), { subject: printStep(step), cause: thrown });
    }
  }
  return outcomes as OutcomeOf;
}

/** Does all of the steps, whatever becomes of each: for taking back. Answers what failed. */
export async function applyAll(host: Host, steps: readonly HostStep[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const step of steps) {
    try {
      await perform(host, step);
    } catch (thrown) {
      failures.push(`${printStep(step)}: ${messageOf(thrown)}`);
    }
  }
  return failures;
}
