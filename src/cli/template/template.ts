import { evaluateTemplate } from './evaluate.ts';
import { shortCircuits, templateFunctions, type TemplateFunctions } from './functions.ts';
import { parseTemplate } from './parser.ts';

/** A template that was read once and is written for many values. */
export interface Template {
  readonly execute: (data: unknown) => string;
  /** The same template with other functions of the same names, as the header of a table needs. */
  readonly executeWith: (data: unknown, functions: TemplateFunctions) => string;
}

/** Reads `--format` text. Throws `invalid` with the words of Go's text/template. */
export function compileTemplate(source: string, more: TemplateFunctions = {}, name = ''): Template {
  const functions = { ...templateFunctions, ...more };
  const parsed = parseTemplate(source, new Set([...Object.keys(functions), ...shortCircuits]), name);
  return {
    execute: (data) => evaluateTemplate(parsed, functions, data),
    executeWith: (data, others) => evaluateTemplate(parsed, { ...functions, ...others }, data),
  };
}
