import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const CHILD_PROGRAMS = ['unpack-child', 'diff-child', 'export-child', 'pack-child', 'files-child', 'tree-child'] as const;
export type ChildProgram = (typeof CHILD_PROGRAMS)[number];

/** Where set-up writes each program as one script: src/main/bundle/write-children.ts. */
export const CHILD_BUNDLE = fileURLToPath(new URL('../../../../node_modules/.cache/gantry-children', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));

export interface ChildManifest {
  /** Scripts are `<name>-<program>.js`, each with its compiled code beside it in a file with `.cache` behind its name. */
  readonly name: string;
  /** What they were made of, relative to the checkout: size in bytes, time of change in milliseconds. */
  readonly sources: readonly (readonly [path: string, size: number, changed: number])[];
}

/** What a program is started from: its script where that was made of the present sources, else its modules, which takes twice the processor time. */
export class ChildCode {
  readonly #modules: string;
  readonly #bundle: string;
  readonly #name: string | undefined;

  private constructor(modules: string, bundle: string, name: string | undefined) {
    this.#modules = modules;
    this.#bundle = bundle;
    this.#name = name;
  }

  /** @param modules where Node keeps the compiled code of modules. Only root may write there, nor to the bundle */
  static open(modules: string, bundle: string): ChildCode {
    mkdirSync(modules, { recursive: true, mode: 0o700 });
    const manifest = readManifest(bundle);
    return new ChildCode(modules, bundle, manifest !== undefined && isOfPresentSources(manifest) ? manifest.name : undefined);
  }

  /** Node's arguments up to the order, and all of its environment: the daemon's may hold credentials, and options for Node. */
  startOf(program: ChildProgram): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
    const script = this.#scriptOf(program);
    if (script === undefined) return { args: [fileURLToPath(new URL(`./${program}.ts`, import.meta.url))], env: { NODE_COMPILE_CACHE: this.#modules } };
    return { args: [`${this.#bundle}/start.cjs`, script], env: {} };
  }

  /** Undefined also where another set-up has taken it away since. */
  #scriptOf(program: ChildProgram): string | undefined {
    if (this.#name === undefined) return undefined;
    const script = `${this.#bundle}/${this.#name}-${program}.js`;
    return existsSync(script) ? script : undefined;
  }
}

/** Undefined where there is no bundle. */
export function readManifest(bundle: string): ChildManifest | undefined {
  try {
    return JSON.parse(readFileSync(`${bundle}/manifest.json`, 'utf8')) as ChildManifest;
  } catch {
    return undefined;
  }
}

export function isOfPresentSources({ sources }: ChildManifest): boolean {
  return sources.every(([path, size, changed]) => {
    const found = statSync(`${CHECKOUT}/${path}`, { throwIfNoEntry: false });
    return found !== undefined && found.size === size && found.mtimeMs === changed;
  });
}
