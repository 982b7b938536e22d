import { GantryError } from '#base/error.ts';

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface TemplateOptions {
  readonly lookup: Lookup;
  /** Told of each variable that is used without being set and without a default. */
  readonly onUnset?: (name: string) => void;
}

/*
 * A `$`, then another one, a name, or a name in braces with an operator and its text. The text is taken as far as the
 * line's last brace: where it really ends is found by counting braces.
 */
const REFERENCE = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{(?:([_a-z][_a-z0-9]*)(?:(:?[-+?])([^\n]*))?\}|()))/gi;

/**
 * Replaces `$NAME`, `${NAME}` and `${NAME` operator `text}` with the operators `:-` `-` `:?` `?` `:+` `+`, whose text is
 * a template itself; `$$` is a dollar sign. Nothing is ever run. Throws `invalid`.
 */
export function substitute(template: string, options: TemplateOptions): string {
  if (!template.includes('$')) return template;
  return template.replace(REFERENCE, (match: string, escaped: string | undefined, named: string | undefined, braced: string | undefined, operator: string | undefined) => {
    if (escaped !== undefined) return '$';
    if (named !== undefined) return plain(named, options);
    if (braced === undefined) throw new GantryError('invalid', `invalid template: ${JSON.stringify(template)}`, { hint: 'a `$` that is no variable is written `$$`; a variable is $NAME or ${NAME}' });
    if (operator === undefined) return plain(braced, options);
    const closing = closingBrace(match);
    // Braces that don't pair belong to the text: it ends at the last one.
    const end = closing === -1 ? match.length - 1 : closing;
    const text = match.slice(2 + braced.length + operator.length, end);
    return applied(braced, operator, text, options) + substitute(match.slice(end + 1), options);
  });
}

function plain(name: string, { lookup, onUnset }: TemplateOptions): string {
  const value = lookup(name);
  if (value === undefined) onUnset?.(name);
  return value ?? '';
}

function applied(name: string, operator: string, text: string, options: TemplateOptions): string {
  // The text is read even when it is not used, so that a fault in it shows at once.
  const other = substitute(text, options);
  const value = options.lookup(name);
  const present = value !== undefined && (value !== '' || !operator.startsWith(':'));
  switch (operator.at(-1)) {
    case '-': return present ? value : other;
    case '+': return present ? other : value ?? '';
    default:
      if (present) return value;
      throw new GantryError('invalid', `required variable ${name} is missing a value${other === '' ? '' : `: ${other}`}`, { hint: `set it: in the environment, in .env or with --env-file` });
  }
}

/** The index of the brace that closes the first one, or -1. */
export function closingBrace(text: string): number {
  let open = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '}' && --open === 0) return index;
    if (text[index] === '{') {
      open++;
      index++;
    }
  }
  return -1;
}
