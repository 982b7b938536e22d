import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { MemoryStore } from '#store/memory.ts';
import { Admission } from './admission.ts';
import { FieldManager } from './apply/field-manager.ts';
import type { ApiRequest, ApiResponse } from './api-request.ts';
import { ApiServer } from './api-server.ts';
import { ObjectStore } from './object-store.ts';
import { ObjectWriter } from './object-writer.ts';
import { ResourceRegistry } from './resource-registry.ts';

/** An API server in memory, for tests: no socket, a clock that stands, chance from a seed. */
export class Simulation {
  readonly clock = new ManualClock();
  readonly store = new MemoryStore();
  readonly api: ApiServer;

  constructor() {
    const objects = new ObjectStore(this.store);
    const rulesOf = (): object => ({});
    const { clock } = this;
    const schemas = new SchemaSet(schemaPackages);
    const writer = new ObjectWriter({ objects, rulesOf, admission: new Admission([]), fields: new FieldManager(schemas), clock, random: new SeededRandom(1) });
    this.api = new ApiServer({
      objects, writer, schemas, rulesOf, clock, timers: clock, registry: new ResourceRegistry(builtInResources),
      hasher: { sha256: (bytes) => String(bytes.length) }, special: new Map(), version: {},
    });
  }

  async send(method: string, path: string, body?: Json | Uint8Array, headers: { readonly type?: string; readonly accept?: string } = {}): Promise<ApiResponse> {
    const [plain = '', search = ''] = path.split('?');
    const query = new Map<string, string[]>();
    for (const pair of search.split('&').filter((each) => each !== '')) {
      const [name = '', value = ''] = pair.split('=').map(decodeURIComponent);
      query.set(name, [...query.get(name) ?? [], value]);
    }
    const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
    const request: ApiRequest = {
      method, path: plain, query, accept: headers.accept ?? 'application/json', contentType: headers.type ?? 'application/json', user: { name: 'tester', groups: [] },
      body: () => Promise.resolve(bytes),
    };
    return await this.api.handle(request);
  }

  /** The object that is answered, and its code. */
  async ask(method: string, path: string, body?: Json | Uint8Array, headers: { readonly type?: string; readonly accept?: string } = {}): Promise<{ readonly code: number; readonly body: JsonObject }> {
    const answer = await this.send(method, path, body, headers);
    return answer.kind === 'json' ? { code: answer.code, body: answer.body } : { code: 0, body: {} };
  }
}
