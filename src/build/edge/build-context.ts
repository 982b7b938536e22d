import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { parseIgnoreFile } from '#build/dockerfile/ignore/ignore-file.ts';
import { IgnoreRules } from '#build/dockerfile/ignore/ignore-rules.ts';
import type { BuildNode } from '../solver/lower-step.ts';
import type { BuildProgress, ProgressVertex } from './build-progress.ts';
import type { ContextStore, HeldTree } from './context/context-store.ts';
import type { FrontendOptions } from './frontend-options.ts';
import type { BuildSession } from './session.ts';

const LARGEST_DOCKERFILE = 16 << 20;

/** Where a build has its Dockerfile and its files from. */
export interface BuildContext {
  dockerfile(): Promise<{ readonly text: string; readonly fileName: string; readonly vertex: ProgressVertex }>;
  /** Reads `.dockerignore`; `ignore` is known after it. */
  readIgnore(): Promise<void>;
  readonly ignore: IgnoreRules | undefined;
  /** Absolute paths that the build reads, before `node` is first asked for. */
  reads(paths: readonly string[]): void;
  /** The files, as a step. */
  node(): BuildNode;
}

export interface SessionContextPorts {
  readonly progress: BuildProgress;
  readonly contexts: ContextStore;
  readonly session: BuildSession;
}

/** A directory of the client. What no step reads, and what `.dockerignore` names, is never sent. */
export class SessionContext implements BuildContext {
  readonly #ports: SessionContextPorts;
  readonly #options: FrontendOptions;
  #excluded: readonly string[] = [];
  #follow: readonly string[] = [];
  #node: BuildNode | undefined;
  #ownIgnore: string | undefined;
  #rules: IgnoreRules | undefined;
  #dockerfile: ReturnType<BuildContext['dockerfile']> | undefined;

  constructor(ports: SessionContextPorts, options: FrontendOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  get ignore(): IgnoreRules | undefined {
    return this.#rules;
  }

  /** Loaded once. */
  dockerfile(): ReturnType<BuildContext['dockerfile']> {
    this.#dockerfile ??= this.#load();
    return this.#dockerfile;
  }

  async #load(): ReturnType<BuildContext['dockerfile']> {
    const { progress, contexts, session } = this.#ports;
    const { fileName, dockerfileName } = this.#options;
    const vertex = progress.vertex(`[internal] load build definition from ${fileName}`);
    vertex.start();
    const key = JSON.stringify([session.offer.sharedKey || session.offer.id, 'definition', dockerfileName, fileName]);
    let tree: HeldTree;
    try {
      const follow = [fileName, `${fileName}.dockerignore`, ...(fileName === 'Dockerfile' ? ['dockerfile'] : [])];
      const started = progress.now();
      let bytes = 0;
      tree = await contexts.sync(key, session.directory({ name: dockerfileName, follow }), { transferred: (count) => { bytes += count; } });
      vertex.status('transferring dockerfile:', { current: bytes, started, isDone: true });
    } catch (error) {
      vertex.end({ error });
      throw error;
    }
    try {
      const text = textOf(tree, fileName) ?? (fileName === 'Dockerfile' ? textOf(tree, 'dockerfile') : undefined);
      if (text === undefined) throw new GantryError('invalid', `failed to read dockerfile: open ${fileName}: no such file or directory`);
      vertex.end();
      this.#ownIgnore = textOf(tree, `${fileName}.dockerignore`);
      return { text, fileName, vertex };
    } catch (error) {
      vertex.end({ error });
      throw error;
    } finally {
      tree.release();
    }
  }

  reads(paths: readonly string[]): void {
    const relative = paths.map((path) => path.replace(/^\/+/, ''));
    this.#follow = relative.includes('') ? [] : [...new Set(relative)];
  }

  node(): BuildNode {
    this.#node ??= {
      op: { kind: 'context', title: '[internal] load build context', session: this.#ports.session.offer.id, name: this.#options.contextName, include: [], exclude: this.#excluded, follow: this.#follow },
      inputs: [], ignoresCache: false,
    };
    return this.#node;
  }

  /** After the images are known, as BuildKit does: what is wrong with a Dockerfile is told first. */
  async readIgnore(): Promise<void> {
    const own = this.#ownIgnore;
    const { contextName } = this.#options;
    const { progress, contexts, session } = this.#ports;
    await progress.around('[internal] load .dockerignore', async (vertex) => {
      let text = own;
      if (text === undefined) {
        const key = JSON.stringify([session.offer.sharedKey || session.offer.id, 'ignore', contextName]);
        const started = progress.now();
        let bytes = 0;
        const tree = await contexts.sync(key, session.directory({ name: contextName, follow: ['.dockerignore'] }), { transferred: (count) => { bytes += count; } });
        vertex.status('transferring context:', { current: bytes, started, isDone: true });
        try {
          text = textOf(tree, '.dockerignore');
        } finally {
          tree.release();
        }
      }
      this.#excluded = parseIgnoreFile(text ?? '');
      if (this.#excluded.length > 0) this.#rules = IgnoreRules.of(this.#excluded);
    });
  }
}

/** A file of a tree that a client sent. Links are followed inside it only. */
export function textOf(tree: Pick<HeldTree, 'path' | 'index'>, name: string): string | undefined {
  let path = name.replace(/^(\.?\/)+/, '');
  for (let links = 0; links < 40; links += 1) {
    const entry = tree.index.get(path);
    if (entry === undefined) return undefined;
    if (entry.type === 'symlink') {
      path = join('/', path, '..', entry.link).slice(1);
      if (entry.link.startsWith('/')) path = entry.link.slice(1);
      continue;
    }
    if (entry.type !== 'file') return undefined;
    if (entry.size > LARGEST_DOCKERFILE) throw new GantryError('too-large', `${name} has more than ${LARGEST_DOCKERFILE} bytes`);
    return readFileSync(join(tree.path, path), 'utf8');
  }
  return undefined;
}
