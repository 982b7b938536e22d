import { subjectOf, type Step } from './step.ts';

/** A step of a plan, why it is there, and which steps it comes after. */
export interface PlanNode {
  readonly id: number;
  readonly step: Step;
  readonly cause: string;
  readonly after: readonly number[];
}

/** Steps to be done, each once those that it comes after are done. What does not come after another may be done beside it. */
export interface Plan {
  readonly nodes: readonly PlanNode[];
  /** What a person should know besides. */
  readonly warnings: readonly string[];
}

export class PlanBuilder {
  readonly #nodes: PlanNode[] = [];
  readonly #warnings: string[] = [];

  /** The number by which later steps come after this one. */
  add(step: Step, cause: string, after: readonly number[] = []): number {
    const id = this.#nodes.length + 1;
    this.#nodes.push({ id, step, cause, after: [...new Set(after)].sort((a, b) => a - b) });
    return id;
  }

  warn(warning: string): void {
    this.#warnings.push(warning);
  }

  build(): Plan {
    return { nodes: [...this.#nodes], warnings: [...this.#warnings] };
  }
}

/** One line for each step: `[3] after 1, 2: Container shop-web-1: create (there is none)`. */
export function renderPlan({ nodes }: Plan): string {
  return nodes.map(({ id, step, cause, after }) => {
    const order = after.length === 0 ? '' : ` after ${after.join(', ')}`;
    return `[${id}]${order}: ${subjectOf(step)}: ${detail(step)} (${cause})\n`;
  }).join('');
}

function detail(step: Step): string {
  switch (step.kind) {
    case 'wait-for': return `wait until ${step.condition.replace(/^service_/, '').replaceAll('_', ' ')}`;
    case 'rename-container': return `rename to ${step.name}`;
    case 'kill-container': return `kill with ${step.signal}`;
    case 'provide-service': return `provide by ${step.provider}`;
    case 'withdraw-service': return `withdraw by ${step.provider}`;
    case 'run-hook': return `run ${(step.hook.command ?? []).join(' ')}`;
    // `create-container`: the word before the hyphen is what is done.
    default: return step.kind.slice(0, step.kind.indexOf('-'));
  }
}
