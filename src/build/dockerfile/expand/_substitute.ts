import { DockerfileError } from '../dockerfile-error.ts';
import { ShellPattern } from './pattern.ts';

/** `${name operator operands}`, the operands expanded already. */
export interface Substitution {
  readonly name: string;
  readonly operator: string;
  readonly operands: readonly string[];
  readonly value: string | undefined;
}

/** POSIX, Shell Command Language, 2.6.2; `/` and `//` as in bash. */
export function substitute({ name, operator, operands, value }: Substitution): string {
  const word = operands[0] ?? '';
  const isNull = value === undefined || (operator.startsWith(':') && value === '');
  switch (operator) {
    case '}': return value ?? '';
    case '-': case ':-': return isNull ? word : value;
    case '+': case ':+': return isNull ? '' : word;
    case '?': case ':?':
      if (!isNull) return value;
      throw new DockerfileError(`${name}: ${word !== '' ? word : value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty'}`, { token: name });
    case '#': case '%': {
      const greedy = word.startsWith(operator);
      const pattern = ShellPattern.parse(greedy ? word.slice(1) : word);
      return operator === '#' ? pattern.withoutPrefix(value ?? '', greedy) : pattern.withoutSuffix(value ?? '', greedy);
    }
    case '/': case '//': return ShellPattern.parse(word).replace(value ?? '', operands[1] ?? '', operator === '//');
    default: throw new DockerfileError(`unsupported modifier (${operator}) in substitution`);
  }
}
