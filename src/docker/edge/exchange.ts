import type { IncomingMessage, ServerResponse } from 'node:http';
import { GantryError } from '#base/error.ts';
import type { Clock } from '#base/clock.ts';
import type { Json } from '#base/json.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { CreateDefaults } from '../create-defaults.ts';
import { parseJson } from '../decode.ts';
import type { ImageConfigs } from '../image-config.ts';
import type { SummaryCache } from '../render/container-summary.ts';
import { NEWEST_TEXT, type ApiVersion } from '../version.ts';
import { readBody, type Upgrade } from './body.ts';
import type { LoadBuilder } from './builder.ts';
import type { ClusterControl } from './cluster-control.ts';

/** What every handler may use. */
export interface Front {
  readonly engine: EnginePort;
  readonly clock: Clock;
  /** Version of the program. */
  readonly version: string;
  readonly log: (line: string) => void;
  /** What the operator has set, as it is now: a reload changes it. */
  readonly defaults: () => CreateDefaults;
  readonly configs: ImageConfigs;
  readonly summaries: SummaryCache;
  readonly builder?: LoadBuilder;
  readonly cluster?: ClusterControl;
  /** Connections that follow events. */
  readonly followers: Set<object>;
}

/** Headers of every answer. */
export function commonHeaders(version: string): readonly string[] {
  return ['Api-Version', NEWEST_TEXT, 'Docker-Experimental', 'false', 'Ostype', 'linux', 'Server', `Gantry/${version} (linux)`];
}

/** One request and its answer. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly front: Front;
  readonly version: ApiVersion;
  readonly query: URLSearchParams;
  /** The part of the path that names the thing. */
  readonly name: string;
  /** Set where the client asked to have the connection for a stream. */
  readonly upgrade: Upgrade | undefined;
  readonly #headers: readonly string[];

  constructor(
    front: Front,
    message: { readonly req: IncomingMessage; readonly res: ServerResponse; readonly upgrade?: Upgrade | undefined },
    route: { readonly version: ApiVersion; readonly name: string; readonly query: URLSearchParams },
    headers: readonly string[],
  ) {
    this.front = front;
    this.req = message.req;
    this.res = message.res;
    this.upgrade = message.upgrade;
    this.version = route.version;
    this.name = route.name;
    this.query = route.query;
    this.#headers = headers;
  }

  get engine(): EnginePort {
    return this.front.engine;
  }

  /** A parameter, or empty. */
  param(key: string): string {
    return this.query.get(key) ?? '';
  }

  /** Booleans of the API: empty, 0, no, false and none are false. */
  flag(key: string, otherwise = false): boolean {
    const value = this.query.get(key);
    if (value === null) return otherwise;
    return !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());
  }

  /** @throws GantryError invalid as Go words it */
  integer(key: string): number | undefined {
    const value = this.param(key);
    if (value === '') return undefined;
    if (!/^[-+]?\d{1,15}$/.test(value)) throw new GantryError('invalid', `strconv.Atoi: parsing "${value}": invalid syntax`);
    return Number(value);
  }

  writeHead(status: number, headers: readonly string[] = []): void {
    this.res.writeHead(status, [...this.#headers, ...headers]);
  }

  json(status: number, value: unknown): void {
    this.jsonText(status, `${JSON.stringify(value)}\n`);
  }

  jsonText(status: number, text: string): void {
    this.writeHead(status, ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(text))]);
    this.res.end(text);
  }

  empty(status: number): void {
    this.writeHead(status, status === 204 || status === 304 ? [] : ['Content-Length', '0']);
    this.res.end();
  }

  /** Headers now, the body as it comes: clients wait for the headers before they go on. */
  stream(contentType: string): void {
    this.writeHead(200, ['Content-Type', contentType]);
    this.res.flushHeaders();
  }

  /** The request's JSON, or undefined where it has no body. */
  async body(): Promise<Json | undefined> {
    const { req, upgrade } = this;
    const text = await readBody(req, upgrade?.body);
    const type = req.headers['content-type'];
    if (text === '' && type === undefined) return undefined;
    if (type === undefined) throw new GantryError('invalid', 'malformed Content-Type header (): mime: no media type');
    if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
      throw new GantryError('invalid', `unsupported Content-Type header (${type}): must be 'application/json'`);
    }
    return text === '' ? undefined : parseJson(text);
  }
}

export type Handler = (exchange: Exchange) => Promise<void> | void;
