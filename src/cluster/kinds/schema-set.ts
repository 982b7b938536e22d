import { GantryError } from '#base/error.ts';
import type { MessageSchema } from './schema.ts';
import { parseMessage } from './schema-text.ts';

/** Message schemas by name, each package read when it is first asked for. */
export class SchemaSet {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #messages = new Map<string, MessageSchema>();
  readonly #read = new Set<string>();

  constructor(packages: Readonly<Record<string, string>>) {
    this.#texts = new Map(Object.entries(packages));
  }

  /** @param name as `core.v1.PodSpec` */
  find(name: string): MessageSchema | undefined {
    const home = name.slice(0, name.lastIndexOf('.'));
    if (!this.#read.has(home)) this.#readPackage(home);
    return this.#messages.get(name);
  }

  /** @throws GantryError internal where no schema module has it */
  get(name: string): MessageSchema {
    const found = this.find(name);
    if (found === undefined) throw new GantryError('internal', `no schema of ${name}`);
    return found;
  }

  #readPackage(home: string): void {
    this.#read.add(home);
    for (const line of (this.#texts.get(home) ?? '').trim().split('\n')) {
      if (line === '') continue;
      const message = parseMessage(line, home);
      this.#messages.set(message.name, message);
    }
  }
}
