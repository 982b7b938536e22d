/** A tracked file: path from the root of the repository, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What is wrong where, and in the message how to mend it. `line` counts from 1. */
export interface Violation {
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

export type Check = (files: readonly SourceFile[]) => Violation[];

export function renderViolation({ path, line, message }: Violation): string {
  return line === undefined ? `${path}: ${message}` : `${path}:${line}: ${message}`;
}

export const isTypeScript = (path: string): boolean => path.endsWith('.ts');

/** Tests, and the contract suites that they share: they may reach what the code that they judge may not. */
export const isTest = (path: string): boolean =>
  path.endsWith('.test.ts') || /(^|\/)contract(\.ts$|\/)/.test(path) || path.startsWith('test/');

export const isEdge = (path: string): boolean => path.split('/').includes('edge');

/** Sealed code computes and decides; it has no Node types. The same set as in tsconfig.sealed.json. */
export const isSealed = (path: string): boolean =>
  path.startsWith('src/') && isTypeScript(path) && !path.endsWith('.d.ts') && !isTest(path) && !isEdge(path)
  && !path.startsWith('src/main/') && !path.startsWith('src/cli/');
