import { GantryError } from '#base/error.ts';

/** What a conversion has to say. All of it is gathered, so that a file is mended in one go. */
export class Findings {
  readonly #refused = new Set<string>();
  readonly #warned = new Set<string>();

  /** `path` is the place in the model: `services.web.devices`. */
  refuse(path: string, why: string, hint: string): void {
    this.#refused.add(`${path}: ${why}\n    ${hint}`);
  }

  warn(path: string, what: string): void {
    this.#warned.add(`${path}: ${what}`);
  }

  get warnings(): readonly string[] {
    return [...this.#warned];
  }

  /** Throws `invalid` with everything that was refused. */
  check(): void {
    if (this.#refused.size === 0) return;
    throw new GantryError('invalid', ['the project cannot be converted to Kubernetes objects:', ...[...this.#refused].map((line) => `  ${line}`)].join('\n'));
  }
}
