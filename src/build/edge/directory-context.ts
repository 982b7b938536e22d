import { GantryError } from '#base/error.ts';
import { ignoreFileNames, parseIgnoreFile } from '#build/dockerfile/ignore/ignore-file.ts';
import { IgnoreRules } from '#build/dockerfile/ignore/ignore-rules.ts';
import type { TreeWork } from '#image/snapshot/tree-work.ts';
import type { BuildNode } from '../solver/lower-step.ts';
import { parsePathRules } from '../solver/path-pattern.ts';
import type { BuildContext } from './build-context.ts';
import type { BuildProgress, ProgressVertex } from './build-progress.ts';

const LARGEST_DOCKERFILE = 16 << 20;

export interface DirectoryContextPorts {
  readonly progress: BuildProgress;
  readonly trees: TreeWork;
  readonly signal: AbortSignal;
}

/** A context that is a directory of this host: an archive that was sent, a repository that was fetched. */
export class DirectoryContext implements BuildContext {
  readonly #ports: DirectoryContextPorts;
  readonly #path: string;
  readonly #fileName: string;
  readonly #given: string | undefined;
  #rules: IgnoreRules | undefined;
  #node: BuildNode | undefined;

  /** @param given the Dockerfile itself, where it does not lie in the directory */
  constructor(ports: DirectoryContextPorts, path: string, fileName: string, given?: string) {
    this.#ports = ports;
    this.#path = path;
    this.#fileName = fileName;
    this.#given = given;
  }

  get ignore(): IgnoreRules | undefined {
    return this.#rules;
  }

  async dockerfile(): Promise<{ text: string; fileName: string; vertex: ProgressVertex }> {
    const fileName = this.#fileName;
    const vertex = this.#ports.progress.vertex(`[internal] load build definition from ${fileName}`);
    vertex.start();
    const text = this.#given ?? await this.#read(fileName) ?? (fileName === 'Dockerfile' ? await this.#read('dockerfile') : undefined);
    if (text === undefined) {
      const error = new GantryError('invalid', `Cannot locate specified Dockerfile: ${fileName}`);
      vertex.end({ error });
      throw error;
    }
    vertex.end();
    return { text, fileName, vertex };
  }

  async readIgnore(): Promise<void> {
    await this.#ports.progress.around('[internal] load .dockerignore', async () => {
      const [own, common] = ignoreFileNames(this.#fileName);
      const patterns = parseIgnoreFile(await this.#read(own) ?? await this.#read(common) ?? '');
      if (patterns.length === 0) return;
      this.#rules = IgnoreRules.of(patterns);
      await this.#ports.trees.exclude(this.#path, parsePathRules(patterns), this.#ports.signal);
    });
  }

  /** All of it is here already. */
  reads(): void {}

  node(): BuildNode {
    this.#node ??= { op: { kind: 'directory', title: '[internal] load build context', path: this.#path }, inputs: [], ignoresCache: false };
    return this.#node;
  }

  async #read(name: string): Promise<string | undefined> {
    const bytes = await this.#ports.trees.readFile({ kind: 'directory', path: this.#path }, name, LARGEST_DOCKERFILE);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }
}
