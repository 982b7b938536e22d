import type { Lines } from '../dockerfile-error.ts';
import type { BuildPlan, PlannedStage } from '../plan/build-plan.ts';
import type { EvaluatedStage } from '../plan/evaluated-stage.ts';
import { base64, locationOf, printJson, printTable, withoutEmpty, type Report } from './_json.ts';

interface Named {
  readonly name: string;
  readonly lines: Lines;
}

interface OutlineArg extends Named {
  readonly value: string;
  readonly comment: string;
}

interface Required extends Named {
  readonly isRequired: boolean;
}

/** `docker build --call=outline`: the arguments, secrets and agents that a target takes. `evaluated` has the stages of `plan.order`. */
export function reportOutline(plan: BuildPlan, evaluated: ReadonlyMap<number, EvaluatedStage>): Report {
  const target = plan.stages[plan.target] as PlannedStage;
  const { args, secrets, agents } = gather(plan, evaluated);
  const sections = [
    target.name === undefined && target.comment === '' ? [] : [printTable([['TARGET:', target.name ?? '(default)'], ...(target.comment === '' ? [] : [['DESCRIPTION:', target.comment]])], 1)],
    args.length === 0 ? [] : [printTable([['BUILD ARG', 'VALUE', 'DESCRIPTION'], ...args.map(({ name, value, comment }) => [name, value, comment])], 3)],
    ...[['SECRET', secrets] as const, ['SSH', agents] as const].map(([title, list]) => (list.length === 0 ? [] : [printTable([[title, 'REQUIRED'], ...list.map(({ name, isRequired }) => [name, isRequired ? 'true' : ''])], 3)])),
  ].flat();
  const requiredJson = (list: readonly Required[]) => list.map(({ name, isRequired, lines }) => withoutEmpty({ name, required: isRequired, location: locationOf(lines) }));
  return {
    json: printJson(withoutEmpty({
      name: target.name,
      description: target.comment,
      args: args.map(({ name, comment, value, lines }) => withoutEmpty({ name, description: comment, value, location: locationOf(lines) })),
      secrets: requiredJson(secrets),
      ssh: requiredJson(agents),
      sources: [base64(plan.text)],
    })),
    text: sections.map((section) => `${section}\n`).join(''),
  };
}

function gather(plan: BuildPlan, evaluated: ReadonlyMap<number, EvaluatedStage>): { args: OutlineArg[]; secrets: Required[]; agents: Required[] } {
  const args = new Map<string, OutlineArg>();
  const secrets = new Map<string, Required>();
  const agents = new Map<string, Required>();
  const globals = new Set<string>();
  // From the target down: what is nearest to it says what an argument is.
  for (const index of plan.order.toReversed()) {
    const stage = plan.stages[index] as PlannedStage;
    for (const name of stage.usesGlobals) globals.add(name);
    const image = evaluated.get(index)?.image;
    for (const { instruction } of stage.instructions.toReversed()) {
      if (instruction.kind !== 'arg') continue;
      for (const { name, value, comment } of instruction.args) {
        const isGlobal = value === undefined && !(plan.options.buildArgs?.has(name) ?? false) && plan.globals.has(name);
        if (isGlobal) globals.add(name);
        else if (!args.has(name)) args.set(name, { name, comment, lines: instruction.lines, value: image?.scope.args.findLast((arg) => arg.name === name)?.value ?? '' });
      }
    }
    for (const step of evaluated.get(index)?.steps ?? []) {
      for (const mount of step.kind === 'run' ? step.mounts : []) {
        const entry = { lines: step.lines, isRequired: mount.isRequired };
        if (mount.type === 'secret' && !secrets.has(mount.id)) secrets.set(mount.id, { name: mount.id, ...entry });
        const agent = mount.id === '' ? 'default' : mount.id;
        if (mount.type === 'ssh' && !agents.has(agent)) agents.set(agent, { name: agent, ...entry });
      }
    }
  }
  addGlobals(plan, globals, args);
  const byLine = <T extends Named>(list: Iterable<T>): T[] => [...list].sort((left, right) => left.lines.start - right.lines.start);
  return { args: byLine(args.values()), secrets: byLine(secrets.values()), agents: byLine(agents.values()) };
}

/** Those that are used, and those in their defaults. */
function addGlobals({ globalArgs }: BuildPlan, used: ReadonlySet<string>, args: Map<string, OutlineArg>): void {
  const waiting = [...used];
  const seen = new Set(used);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const arg = globalArgs.get(name);
    if (arg === undefined) continue;
    if (!args.has(name)) args.set(name, arg);
    for (const other of arg.uses) {
      if (seen.has(other)) continue;
      seen.add(other);
      waiting.push(other);
    }
  }
}
