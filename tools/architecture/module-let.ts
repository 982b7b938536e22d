import { codeView, lineAt } from './code-view.ts';
import { isTest, isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** State of a module is a hidden mode: two engines in one process would share it. */
export function moduleLet(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => path.startsWith('src/') && isTypeScript(path) && !isTest(path)).flatMap((file) => {
    const code = codeView(file);
    return [...code.matchAll(/(?<![.\w$])(?:let|var)\s+[\w$[{]/g)]
      .filter(({ index }) => depthAt(code, index) === 0)
      .map(({ index }) => ({
        path: file.path,
        line: lineAt(file.text, index),
        message: 'a variable of the module: make it a field of what owns it, or pass it along',
      }));
  });
}

function depthAt(code: string, index: number): number {
  let depth = 0;
  for (let at = 0; at < index; at++) {
    const char = code[at];
    if (char === '{' || char === '(' || char === '[') depth++;
    else if (char === '}' || char === ')' || char === ']') depth--;
  }
  return depth;
}
