import { createHash } from 'node:crypto';
import { Agent, type AgentOptions } from 'node:https';

/** A server behind the API, and whom it is believed by. */
export interface TrustedPlace {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** PEM; those of the system where it is not given. */
  readonly authority?: string;
  /** It is believed without a look. */
  readonly isInsecure?: boolean;
}

const IDLE_MS = 30_000;
const MOST_AGENTS = 64;

/** Connections that are kept for the next request, of the servers asked last. One is never shared with another's trust. */
export class KeptAgents {
  readonly #options: AgentOptions;
  readonly #agents = new Map<string, Agent>();

  constructor(options: AgentOptions = {}) {
    this.#options = options;
  }

  of({ host, port, serverName, isInsecure = false, authority }: TrustedPlace): Agent {
    const key = `${host} ${port} ${serverName} ${isInsecure} ${authority === undefined ? '' : createHash('sha256').update(authority).digest('hex')}`;
    const known = this.#agents.get(key) ?? new Agent({ keepAlive: true, maxFreeSockets: 4, timeout: IDLE_MS, ...this.#options, ...(authority === undefined ? {} : { ca: authority }) });
    this.#agents.delete(key);
    this.#agents.set(key, known);
    const [oldest] = this.#agents.keys();
    if (this.#agents.size > MOST_AGENTS && oldest !== undefined) {
      // Its requests under way go on: what is idle is let go of.
      for (const sockets of Object.values(this.#agents.get(oldest)?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy();
      this.#agents.delete(oldest);
    }
    return known;
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}
