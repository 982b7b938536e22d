import type { ApiClient } from '#cli/http/api-client.ts';
import { demultiplexed } from '#compose/apply/logs.ts';
import type { ObservedContainer } from '#compose/plan/observe.ts';
import type { ComposeContext } from './compose-context.ts';

export interface LogStyle {
  readonly prefix: boolean;
  readonly color: boolean;
  readonly timestamps: boolean;
}

export interface LogRange {
  readonly follow: boolean;
  readonly tail: string;
  readonly since?: string;
  readonly until?: string;
}

const COLORS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** Prints the logs of containers line by line, each line after the name of its container. */
export class LogPrinter {
  readonly #context: ComposeContext;
  readonly #style: LogStyle;
  readonly #width: number;
  readonly #names: readonly string[];

  constructor(context: ComposeContext, names: readonly string[], style: LogStyle) {
    this.#context = context;
    this.#names = names;
    this.#width = Math.max(0, ...names.map((name) => shortName(name).length));
    this.#style = { ...style, color: style.color && context.cli.io.stdout.isTTY === true && context.global.string('ansi') !== 'never' };
  }

  async follow(client: ApiClient, container: ObservedContainer, { follow, tail, since, until }: LogRange): Promise<void> {
    const { Config } = await client.json<{ readonly Config: { readonly Tty: boolean } }>('GET', `/containers/${container.id}/json`);
    const body = client.stream('GET', `/containers/${container.id}/logs`, { query: { stdout: true, stderr: true, follow, tail, timestamps: this.#style.timestamps, since, until } });
    const rest = { stdout: '', stderr: '' };
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    const take = (stream: 'stdout' | 'stderr', bytes: Uint8Array): void => {
      const lines = (rest[stream] + decoders[stream].decode(bytes, { stream: true })).split('\n');
      rest[stream] = lines.pop() ?? '';
      for (const line of lines) this.#print(container.name, line, stream);
    };
    if (Config.Tty) for await (const bytes of body) take('stdout', bytes);
    else for await (const { stream, bytes } of demultiplexed(body)) take(stream, bytes);
    for (const stream of ['stdout', 'stderr'] as const) if (rest[stream] !== '') this.#print(container.name, rest[stream], stream);
  }

  #print(name: string, line: string, stream: 'stdout' | 'stderr'): void {
    const head = this.#style.prefix ? this.#colored(name, `${shortName(name).padEnd(this.#width)}  | `) : '';
    const write = stream === 'stderr' ? this.#context.cli.err : this.#context.cli.out;
    write(`${head}${line.replace(/\r$/, '')}\n`);
  }

  #colored(name: string, text: string): string {
    if (!this.#style.color) return text;
    return `\x1b[${COLORS[this.#names.indexOf(name) % COLORS.length] ?? 0}m${text}\x1b[0m`;
  }
}

/** `shop-web-1` of the project shop is called `web-1`. */
function shortName(name: string): string {
  const parts = name.split('-');
  return parts.length > 2 ? parts.slice(-2).join('-') : name;
}
