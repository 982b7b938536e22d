import { DockerfileError } from '../dockerfile-error.ts';
import { expandText, type LexerOptions, type Variables } from '../expand/lexer.ts';
import type { StageState } from './_stage-state.ts';

/** An instruction as progress shows it: its name in capitals, its variables expanded as far as that works. */
export function titleText({ variables, escape }: Pick<StageState, 'escape'> & { readonly variables: Variables }, source: string, options: LexerOptions = {}): string {
  const text = expandedOrNot(source, variables, escape, options);
  const space = text.indexOf(' ');
  return space < 0 ? text.toUpperCase() : text.slice(0, space).toUpperCase() + text.slice(space);
}

function expandedOrNot(source: string, variables: Variables, escape: StageState['escape'], options: LexerOptions): string {
  try {
    return expandText(source, variables, escape, options);
  } catch (error) {
    if (error instanceof DockerfileError) return source;
    throw error;
  }
}
