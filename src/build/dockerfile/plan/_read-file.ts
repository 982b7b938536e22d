import { at, DockerfileError } from '../dockerfile-error.ts';
import type { ArgInstruction } from '../instruction/arg.ts';
import type { FromInstruction } from '../instruction/from.ts';
import { parseInstruction, type Instruction, type Place, type StageInstruction } from '../instruction/instruction.ts';
import { checkCasing, checkContinuations, checkDescription, checkNode, checkStageNames } from '../lint/check-file.ts';
import type { Linter } from '../lint/linter.ts';
import type { Node } from '../parse/node.ts';
import type { Document } from '../parse/parse-dockerfile.ts';

/** A stage as the file has it. */
export interface WrittenStage {
  readonly from: FromInstruction & Place;
  readonly instructions: readonly StageInstruction[];
}

export interface WrittenFile {
  /** Before the first FROM. */
  readonly globals: readonly (ArgInstruction & Place)[];
  readonly stages: readonly WrittenStage[];
}

/** Understands each instruction, and tells which stage it is in. */
export function readFile(document: Document, linter: Linter): WrittenFile {
  checkContinuations(document, linter);
  const globals: (ArgInstruction & Place)[] = [];
  const stages: { from: FromInstruction & Place; instructions: StageInstruction[] }[] = [];
  for (const node of document.nodes) {
    const instruction = readInstruction(node, linter);
    const stage = stages.at(-1);
    if (instruction.kind === 'from') stages.push({ from: instruction, instructions: [] });
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.kind === 'arg') globals.push(instruction);
    else throw new DockerfileError('no build stage in current context', { lines: node.lines, token: node.name });
  }
  if (stages.length === 0) throw new DockerfileError('dockerfile contains no stages to build');
  checkStageNames(stages.map(({ from }) => from), linter);
  checkCasing(stages.flatMap(({ from, instructions }): Place[] => [from, ...instructions]), linter);
  return { globals, stages };
}

function readInstruction(node: Node, linter: Linter): Instruction {
  checkNode(node, linter);
  try {
    const instruction = at(node.lines, () => parseInstruction(node));
    checkDescription(instruction, node, linter);
    return instruction;
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    throw new DockerfileError(`dockerfile parse error on line ${node.lines.start}: ${error.message}`, { lines: error.lines, token: error.token });
  }
}
