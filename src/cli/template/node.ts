/** What a template is made of. `line` is for messages. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | { readonly kind: 'if' | 'with'; readonly pipe: Pipe; readonly body: readonly Node[]; readonly otherwise: readonly Node[] }
  | { readonly kind: 'range'; readonly pipe: Pipe; readonly body: readonly Node[]; readonly otherwise: readonly Node[] }
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined; readonly line: number }
  | { readonly kind: 'break' | 'continue' };

export interface Pipe {
  /** `$x :=`, `$i, $e :=`; with `assigns` the variable is an old one. */
  readonly variables: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly line: number;
  readonly column: number;
}

/** A function or a value with its arguments. */
export type Command = readonly Operand[];

export type Operand =
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly Field[] }
  | { readonly kind: 'field'; readonly fields: readonly Field[] }
  | { readonly kind: 'function'; readonly name: string; readonly line: number; readonly column: number }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly fields: readonly Field[] };

export interface Field {
  readonly name: string;
  readonly line: number;
  /** Column of the name in its action, 1 for the one after `{{`. */
  readonly column: number;
}

export interface ParsedTemplate {
  readonly name: string;
  readonly nodes: readonly Node[];
  /** Bodies of `define` and `block`, by name. */
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}
