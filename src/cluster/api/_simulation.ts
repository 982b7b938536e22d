import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { compiledKind } from '#cluster/kinds/custom/custom-kind.ts';
import type { KindRules } from '#cluster/kinds/kind-rules.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { MemoryStore } from '#store/memory.ts';
import { Admission, type AdmissionPlugin, type Mutator } from './admission.ts';
import { FieldManager } from './apply/field-manager.ts';
import type { AggregatedApis } from './aggregation/aggregated-apis.ts';
import type { ApiRequest, ApiResponse, Impersonation, User } from './api-request.ts';
import { ApiServer, type SubresourceHandler } from './api-server.ts';
import type { RequestGuard } from './access/request-guard.ts';
import { ListedView } from './_object-view.ts';
import { ObjectStore } from './object-store.ts';
import { ObjectWriter } from './object-writer.ts';
import { ResourceRegistry } from './resource-registry.ts';
import { noConverter, type VersionConverter } from './version-converter.ts';

export interface SimulationParts {
  readonly guard?: RequestGuard;
  readonly plugins?: readonly AdmissionPlugin[];
  readonly mutators?: readonly Mutator[];
  readonly special?: readonly (readonly [string, SubresourceHandler])[];
  readonly aggregated?: AggregatedApis;
  /** What the view has, as of before each request. */
  readonly reads?: readonly string[];
}

interface SendOptions {
  readonly type?: string;
  readonly accept?: string;
  readonly user?: User;
  readonly impersonation?: Impersonation;
}

/** An API server in memory, for tests: no socket, a clock that stands, chance from a seed. */
export class Simulation {
  readonly clock = new ManualClock();
  readonly store = new MemoryStore();
  readonly objects: ObjectStore;
  readonly registry = new ResourceRegistry(builtInResources);
  readonly schemas = new SchemaSet(schemaPackages);
  readonly view = new ListedView();
  readonly admission = new Admission();
  readonly writer: ObjectWriter;
  readonly api: ApiServer;
  readonly #reads: readonly string[];

  constructor(make: (parts: Pick<Simulation, 'view' | 'schemas' | 'objects' | 'clock' | 'registry'>) => SimulationParts = () => ({}), rulesOf: (of: ResourceDefinition) => KindRules = ({ custom }) => (custom === undefined ? {} : compiledKind(custom).rules), turn: () => Promise<void> = async () => {}, converter: VersionConverter = noConverter) {
    this.objects = new ObjectStore(this.store, converter);
    const { objects, clock, schemas, registry } = this;
    const { guard, plugins = [], mutators = [], special = [], reads = [], aggregated } = make(this);
    this.#reads = reads;
    const { admission } = this;
    admission.arrange({ plugins, mutators });
    this.writer = new ObjectWriter({ objects, rulesOf, admission, fields: new FieldManager(schemas), clock, random: new SeededRandom(1), turn });
    this.api = new ApiServer({
      objects, writer: this.writer, schemas, rulesOf, clock, timers: clock, registry, ...(guard === undefined ? {} : { guard }), ...(aggregated === undefined ? {} : { aggregated }),
      hasher: { sha256: (bytes) => String(bytes.length) }, special: new Map(special), version: {},
    });
  }

  async send(method: string, path: string, body?: Json | Uint8Array, { type = 'application/json', accept = 'application/json', user = { name: 'tester', groups: [] }, impersonation }: SendOptions = {}): Promise<ApiResponse> {
    const [plain = '', search = ''] = path.split('?');
    const query = new Map<string, string[]>();
    for (const pair of search.split('&').filter((each) => each !== '')) {
      const [name = '', value = ''] = pair.split('=').map(decodeURIComponent);
      query.set(name, [...query.get(name) ?? [], value]);
    }
    const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
    const request: ApiRequest = { method, path: plain, query, accept, contentType: type, user, ...(impersonation === undefined ? {} : { impersonation }), body: () => Promise.resolve(bytes) };
    await this.view.refresh(this.objects, this.registry, this.#reads);
    return await this.api.handle(request);
  }

  /** The object that is answered, and its code. */
  async ask(method: string, path: string, body?: Json | Uint8Array, options: SendOptions = {}): Promise<{ readonly code: number; readonly body: JsonObject }> {
    const answer = await this.send(method, path, body, options);
    return answer.kind === 'json' ? { code: answer.code, body: answer.body } : { code: 0, body: {} };
  }
}
