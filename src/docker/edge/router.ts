import type { Handler } from './exchange.ts';

export interface Route {
  readonly method: string;
  /** With at most one `{name}`, which takes any number of path segments: names of images have slashes. */
  readonly pattern: string;
  readonly handler: Handler;
  /** Answered with a refusal, so that clients learn why. */
  readonly isRefused: boolean;
}

interface Parametric {
  readonly prefix: string;
  readonly suffix: string;
  readonly handler: Handler;
}

export interface Match {
  readonly handler: Handler;
  readonly name: string;
}

/** Finds the handler of a path: whole paths first, then patterns in their order. */
export class Router {
  readonly #exact = new Map<string, Handler>();
  readonly #parametric = new Map<string, Parametric[]>();

  constructor(routes: readonly Route[]) {
    for (const { method, pattern, handler } of routes) {
      const [prefix = '', suffix] = pattern.split('{name}');
      if (suffix === undefined) this.#exact.set(`${method} ${pattern}`, handler);
      else {
        const key = `${method} ${prefix}`;
        this.#parametric.set(key, [...(this.#parametric.get(key) ?? []), { prefix, suffix, handler }]);
      }
    }
  }

  /** @param path decoded, without its version */
  find(method: string, path: string): Match | undefined {
    const exact = this.#exact.get(`${method} ${path}`);
    if (exact !== undefined) return { handler: exact, name: '' };
    const end = path.indexOf('/', 1);
    const candidates = end < 0 ? undefined : this.#parametric.get(`${method} ${path.slice(0, end + 1)}`);
    const found = candidates?.find(({ prefix, suffix }) => path.endsWith(suffix) && path.length > prefix.length + suffix.length);
    return found === undefined ? undefined : { handler: found.handler, name: path.slice(found.prefix.length, path.length - found.suffix.length) };
  }
}
