import type { Clock } from '#base/clock.ts';
import type { Json } from '#base/json.ts';
import { required } from '#cluster/kinds/kind-rules.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { json, type ApiRequest, type ApiResponse } from './api-request.ts';
import type { ObjectWriter, WriteOptions } from './object-writer.ts';
import { readBody } from './read-body.ts';
import { badRequest, invalid, methodNotSupported } from './refusals.ts';
import type { ResourceRequest } from './request-info.ts';
import { StatusError, type Cause } from './status.ts';

export interface BindingParts {
  readonly writer: ObjectWriter;
  readonly schemas: SchemaSet;
  readonly clock: Clock;
  readonly pods: ResourceDefinition;
  /** The pod with the condition that says it has a place. */
  readonly placed: (pod: KubeObject, nowMs: number) => KubeObject;
}

/** `core.v1.Binding` */
interface Binding {
  readonly metadata?: { readonly name?: string; readonly uid?: string; readonly annotations?: Readonly<Record<string, string>>; readonly labels?: Readonly<Record<string, string>> };
  readonly target?: { readonly kind?: string; readonly name?: string };
}

const NS_PER_MS = 1_000_000n;
const OF_BINDING = { group: '', plural: 'bindings', kind: 'Binding' };

/** `POST .../pods/NAME/binding`, and `.../bindings`: how a scheduler other than ours says where a pod goes. */
export async function bindPod(parts: BindingParts, { namespace, name, plural }: ResourceRequest, request: ApiRequest, options: WriteOptions): Promise<ApiResponse> {
  const { writer, schemas, clock, pods, placed } = parts;
  if (request.method !== 'POST') throw methodNotSupported(plural === 'pods' ? pods : OF_BINDING, request.method.toLowerCase());
  const { metadata = {}, target } = readBody(schemas, request.contentType, await request.body()) as Binding;
  const pod = name ?? metadata.name ?? '';
  if (metadata.name !== undefined && metadata.name !== '' && metadata.name !== pod) throw badRequest(`name in URL does not match name in Binding object: ${JSON.stringify(pod)}, ${JSON.stringify(metadata.name)}`);
  const { kind = '', name: node = '' } = target ?? {};
  const faults: Cause[] = [
    ...(kind === '' || kind === 'Node' ? [] : [{ reason: 'FieldValueNotSupported', field: 'target.kind', message: `Unsupported value: ${JSON.stringify(kind)}: supported values: "Node"` }]),
    ...(node === '' ? [required('target.name')] : []),
  ];
  if (faults.length > 0) throw invalid(OF_BINDING, pod, faults);
  await writer.update(pods, namespace, pod, 'binding', (current) => {
    checkFree(current, metadata.uid);
    const bound = placed(current, Number(clock.nowNs() / NS_PER_MS));
    const { annotations, labels } = current.metadata;
    return {
      ...bound, spec: { ...current['spec'] as object, nodeName: node },
      metadata: { ...bound.metadata, ...(metadata.annotations === undefined ? {} : { annotations: { ...annotations, ...metadata.annotations } }), ...(metadata.labels === undefined ? {} : { labels: { ...labels, ...metadata.labels } }) },
    };
  }, options);
  return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

function checkFree({ metadata, ...rest }: KubeObject, uid: string | undefined): void {
  const { name } = metadata;
  const { nodeName = '', schedulingGates = [] } = (rest['spec'] ?? {}) as { readonly nodeName?: string; readonly schedulingGates?: readonly Json[] };
  const refused = uid !== undefined && uid !== '' && uid !== metadata.uid ? `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
    : metadata.deletionTimestamp !== undefined ? `pod ${name} is being deleted, cannot be assigned to a host`
      : nodeName !== '' ? `pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`
        : schedulingGates.length > 0 ? `pod ${name} has non-empty .spec.schedulingGates` : undefined;
  if (refused !== undefined) throw new StatusError('conflict', `Operation cannot be fulfilled on pods/binding ${JSON.stringify(name)}: ${refused}`, { name, group: '', resource: 'pods/binding' });
}
