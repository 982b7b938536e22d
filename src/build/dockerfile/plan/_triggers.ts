import { at, DockerfileError, type Lines } from '../dockerfile-error.ts';
import { parseInstruction, type StageInstruction } from '../instruction/instruction.ts';
import { parseDockerfile } from '../parse/parse-dockerfile.ts';

/** A trigger as an image keeps it. Its lines are those of the FROM that it comes with. */
export function parseTrigger(expression: string, lines: Lines): StageInstruction {
  try {
    const { nodes } = parseDockerfile(expression);
    const [node] = nodes;
    if (node === undefined || nodes.length !== 1) throw new DockerfileError('onbuild trigger should be a single expression');
    const instruction = at(lines, () => parseInstruction({ ...node, lines }));
    if (instruction.kind === 'from') throw new DockerfileError("FROM isn't allowed as an ONBUILD trigger");
    return instruction;
  } catch (error) {
    if (error instanceof DockerfileError) throw new DockerfileError(error.message, { lines });
    throw error;
  }
}
