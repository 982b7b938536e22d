import { GantryError } from '#base/error.ts';
import type { FlagSpec } from './flag.ts';

/** One command as the shell needs it: the words that lead to it, what may follow, and its flags. */
export interface CompletionNode {
  /** `container ls`; empty for the program itself. */
  readonly path: string;
  readonly children: readonly string[];
  readonly flags: readonly FlagSpec[];
}

export const completionShells = ['bash', 'zsh'] as const;

/** A script for `source <(gantry completion bash)`. Throws `invalid` for a shell that has none. */
export function completionScript(shell: string, program: string, nodes: readonly CompletionNode[]): string {
  if (shell === 'bash') return bashScript(program, nodes);
  if (shell === 'zsh') return `#compdef ${program}\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(program, nodes)}`;
  throw new GantryError('invalid', `no completion for the shell ${JSON.stringify(shell)}: use one of ${completionShells.join(', ')}`);
}

function bashScript(program: string, nodes: readonly CompletionNode[]): string {
  const fn = `_${program.replaceAll(/[^a-zA-Z0-9]/g, '_')}_complete`;
  const words = nodes.map((node) => `    ${quote(node.path)}) echo ${quote(wordsOf(node))} ;;`);
  const valued = nodes.map((node) => `    ${quote(node.path)}) echo ${quote(valuedFlags(node))} ;;`);
  return `${fn}_words() {
  case "$1" in
${words.join('\n')}
  esac
}
${fn}_valued() {
  case "$1" in
${valued.join('\n')}
  esac
}
${fn}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word next i skip=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if ((skip)); then skip=0; continue; fi
    if [[ "$word" == -* ]]; then
      [[ " $(${fn}_valued "$path") " == *" $word "* ]] && skip=1
      continue
    fi
    next="\${path:+$path }$word"
    [[ -n "$(${fn}_words "$next")" ]] && path="$next"
  done
  if [[ "$previous" == -* && " $(${fn}_valued "$path") " == *" $previous "* ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  COMPREPLY=($(compgen -W "$(${fn}_words "$path")" -- "$current"))
}
complete -o default -F ${fn} ${program}
`;
}

function wordsOf(node: CompletionNode): string {
  const flags = node.flags.filter((flag) => flag.hidden !== true && flag.aliasOf === undefined);
  return [...node.children, ...flags.map((flag) => `--${flag.name}`), '--help'].join(' ');
}

function valuedFlags(node: CompletionNode): string {
  return node.flags
    .filter((flag) => flag.kind !== 'bool')
    .flatMap((flag) => (flag.short === undefined ? [`--${flag.name}`] : [`--${flag.name}`, `-${flag.short}`]))
    .join(' ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
