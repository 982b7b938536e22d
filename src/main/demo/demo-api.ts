import { GantryError } from '#base/error.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { ApiError } from '#cli/http/api-error.ts';

export interface InspectedContainer {
  readonly Id: string;
  readonly State: { readonly Running: boolean };
  readonly HostConfig: { readonly PortBindings: Readonly<Record<string, readonly { readonly HostPort: string }[]>> };
}

interface Created { readonly Id: string }
interface Waited { readonly StatusCode: number }

/** The few calls of the Docker API that the demo makes. */
export class DemoApi {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  async hasImage(name: string): Promise<boolean> {
    return await this.#orAbsent(this.#client.json('GET', `/images/${name}/json`)) !== undefined;
  }

  async inspect(name: string): Promise<InspectedContainer | undefined> {
    return await this.#orAbsent(this.#client.json<InspectedContainer>('GET', `/containers/${name}/json`));
  }

  async create(name: string, body: unknown): Promise<string> {
    return (await this.#client.json<Created>('POST', '/containers/create', { query: name === '' ? {} : { name }, json: body })).Id;
  }

  async start(id: string): Promise<void> {
    await this.#client.text('POST', `/containers/${id}/start`);
  }

  async remove(id: string): Promise<void> {
    await this.#orAbsent(this.#client.text('DELETE', `/containers/${id}`, { query: { force: true, v: true } }));
  }

  async removeImage(name: string): Promise<void> {
    await this.#orAbsent(this.#client.text('DELETE', `/images/${name}`));
  }

  /** What is left beside the demo's own things. */
  async isEmpty(): Promise<boolean> {
    const [containers, images] = [await this.#client.json<unknown[]>('GET', '/containers/json', { query: { all: true } }), await this.#client.json<unknown[]>('GET', '/images/json')];
    const volumes = await this.#client.json<{ readonly Volumes: unknown[] | null }>('GET', '/volumes');
    return containers.length === 0 && images.length === 0 && (volumes.Volumes ?? []).length === 0;
  }

  /** Runs a command in a container of an image, and makes an image of what it left. */
  async layer(step: { from: string; to: string; command: string; environment: readonly string[]; network: string; changes: readonly string[] }): Promise<void> {
    const id = await this.create('', {
      Image: step.from, Cmd: ['sh', '-ec', step.command], Env: step.environment, HostConfig: { NetworkMode: step.network },
    });
    try {
      await this.start(id);
      const { StatusCode } = await this.#client.json<Waited>('POST', `/containers/${id}/wait`);
      if (StatusCode !== 0) {
        throw new GantryError('internal', `a step of the demo ended with exit code ${StatusCode}:\n${await this.#lastLines(id)}`, { subject: step.command });
      }
      const [repo = '', tag = 'latest'] = step.to.split(':');
      await this.#client.text('POST', '/commit', { query: { container: id, repo, tag, changes: step.changes } });
    } finally {
      await this.remove(id);
    }
  }

  async #lastLines(id: string): Promise<string> {
    const text = await this.#client.text('GET', `/containers/${id}/logs`, { query: { stdout: true, stderr: true, tail: 8 } });
    // Frames of eight bytes lead each line: they are no text.
    return text.replace(/[\x00-\x02]\x00{3}[^]{4}/g, '');
  }

  async #orAbsent<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 404) return undefined;
      throw thrown;
    }
  }
}
