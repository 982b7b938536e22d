import { readFileSync, statSync } from 'node:fs';
import { createRequire, isBuiltin, stripTypeScriptTypes } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { linkModule } from './link-module.ts';

export interface Bundle {
  readonly code: string;
  /** Every file that the code was made of, as it was: path, size in bytes, time of change in milliseconds. */
  readonly sources: readonly (readonly [path: string, size: number, changed: number])[];
}

/**
 * Every module that an entry can reach as one script, in which a module is evaluated when it is first asked for. An
 * `import()` of one of `outside` (absolute paths) is the call `leave()`, which the script is given.
 */
export function makeBundle(entry: string, outside: ReadonlySet<string>): Bundle {
  const bundler = new Bundler(outside);
  bundler.add(entry);
  return bundler.bundle();
}

class Bundler {
  readonly #outside: ReadonlySet<string>;
  /** Numbers of modules by path, in the order in which they were met. */
  readonly #numbers = new Map<string, number>();
  readonly #functions: string[] = [];
  readonly #sources: [string, number, number][] = [];

  constructor(outside: ReadonlySet<string>) {
    this.#outside = outside;
  }

  bundle(): Bundle {
    const code = [
      "(function (require, leave) { 'use strict';",
      'const made = [];',
      'const get = (number) => (made[number] ??= modules[number]());',
      'const packaged = (number) => { if (made[number] === undefined) { const module = { exports: {} }; made[number] = module; modules[number](module, module.exports); } return made[number].exports; };',
      `const modules = [\n${this.#functions.join(',\n')}\n];`,
      'return get(0); })',
    ];
    return { code: code.join('\n'), sources: this.#sources };
  }

  /** Answers with the number of a module. */
  add(path: string): number {
    const known = this.#numbers.get(path);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(path, number);
    const { size, mtimeMs } = statSync(path);
    this.#sources.push([path, size, mtimeMs]);
    const text = readFileSync(path, 'utf8');
    const body = path.endsWith('.ts') ? this.#ours(path, text) : this.#packages(path, text);
    // Outside of ASCII each character of the whole script would take two bytes.
    this.#functions[number] = body.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return number;
  }

  #ours(path: string, text: string): string {
    const url = pathToFileURL(path).href;
    const resolve = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier.startsWith('.') ? new URL(specifier, url).href : specifier));
    const imported = (specifier: string): string => {
      if (isBuiltin(specifier)) return `require('${specifier}')`;
      const target = resolve(specifier);
      return `${target.endsWith('.ts') ? 'get' : 'packaged'}(${this.add(target)})`;
    };
    const awaited = (specifier: string): string => {
      if (!isBuiltin(specifier) && this.#outside.has(resolve(specifier))) return 'leave()';
      return `Promise.resolve().then(() => ${imported(specifier)})`;
    };
    return `() => {\n${linkModule(stripTypeScriptTypes(text), { imported, awaited, url })}\n}`;
  }

  /** Packages are CommonJS, and require their own files and built-ins of Node only. */
  #packages(path: string, text: string): string {
    const { resolve } = createRequire(path);
    const body = text.replace(/\brequire\('(?<specifier>[^'\n]+)'\)/g, (call, specifier: string) => isBuiltin(specifier) ? call : `packaged(${this.add(resolve(specifier))})`);
    return `(module, exports) => { // ${dirname(path)}\n${body}\n}`;
  }
}
