import type { FromInstruction } from '../instruction/from.ts';
import type { Instruction, Place } from '../instruction/instruction.ts';
import type { Document } from '../parse/parse-dockerfile.ts';
import type { Node } from '../parse/node.ts';
import type { Linter } from './linter.ts';
import { messages } from './rules.ts';

/** The checks that need nothing but the file. */

export function checkContinuations({ emptyContinuations }: Document, linter: Linter): void {
  for (const lines of emptyContinuations) linter.report('NoEmptyContinuation', lines, 'Empty continuation line');
}

/** What a node shows before it is understood. */
export function checkNode({ name, args, lines }: Node, linter: Linter): void {
  const kind = name.toLowerCase();
  if (kind === 'maintainer') linter.report('MaintainerDeprecated', lines, 'Maintainer instruction is deprecated in favor of using label');
  if (kind !== 'from') return;
  const [, as, stage] = args;
  if (args.length === 3 && stage !== stage?.toLowerCase()) linter.report('StageNameCasing', lines, messages.stageNameCasing(stage as string));
  if (args.length >= 3 && isOneCase(name) && as !== inCase(name, as as string)) linter.report('FromAsCasing', lines, messages.fromAsCasing(name, as as string));
}

/** A comment directly above FROM and ARG describes what they name. */
export function checkDescription(instruction: Instruction, { comments, lines }: Node, linter: Linter): void {
  const keys = instruction.kind === 'from' && instruction.stage !== undefined ? [instruction.stage] : instruction.kind === 'arg' ? instruction.args.map(({ name }) => name) : [];
  const comment = comments.at(-1);
  if (comment === undefined || keys.length === 0 || keys.includes(comment.split(' ', 1)[0] as string)) return;
  linter.report('InvalidDefinitionDescription', lines, messages.definitionDescription(instruction.kind.toUpperCase(), keys.length > 1 ? '<arg_key>' : keys[0] as string));
}

export function checkStageNames(stages: readonly (FromInstruction & Place)[], linter: Linter): void {
  const seen = new Set<string>();
  for (const { stage, lines } of stages) {
    if (stage === undefined) continue;
    if (stage === 'context' || stage === 'scratch') linter.report('ReservedStageName', lines, messages.reservedStageName(stage));
    if (seen.has(stage)) linter.report('DuplicateStageName', lines, messages.duplicateStageName(stage));
    seen.add(stage);
  }
}

/** Those before the first FROM do not count. */
export function checkCasing(instructions: readonly Place[], linter: Linter): void {
  const uniform = instructions.filter(({ name }) => isOneCase(name));
  const lower = uniform.filter(({ name }) => name === name.toLowerCase()).length;
  const isMostlyLower = lower > uniform.length - lower;
  for (const { name, lines } of instructions) {
    if (name === (isMostlyLower ? name.toLowerCase() : name.toUpperCase())) continue;
    linter.report('ConsistentInstructionCasing', lines, messages.instructionCasing(name, isMostlyLower ? 'lowercase' : 'uppercase'));
  }
}

function isOneCase(text: string): boolean {
  return text === text.toLowerCase() || text === text.toUpperCase();
}

function inCase(model: string, text: string): string {
  return model === model.toLowerCase() ? text.toLowerCase() : text.toUpperCase();
}
