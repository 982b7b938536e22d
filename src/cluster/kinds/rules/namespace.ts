import type { KindRules } from '../kind-rules.ts';
import { AGE } from './_columns.ts';

export const namespaceRules: KindRules = {
  defaults: (object) => ({
    ...object, spec: { finalizers: ['kubernetes'], ...object['spec'] as object | undefined }, status: { phase: 'Active', ...object['status'] as object | undefined },
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name } },
  }),
  // What empties a namespace takes its finalizer out by this path, and changes nothing else.
  parts: { finalize: (asked, old) => ({ ...old, spec: { ...old['spec'] as object | undefined, finalizers: (asked['spec'] as { finalizers?: readonly string[] } | undefined)?.finalizers ?? [] } }) },
  columns: [
    { name: 'Name', type: 'string', format: 'name', priority: 0, description: 'Name of the namespace', cell: ({ metadata }) => metadata.name },
    { name: 'Status', type: 'string', priority: 0, description: 'Active, or Terminating while it is emptied', cell: (object) => (object['status'] as { phase?: string } | undefined)?.phase ?? '' },
    AGE,
  ],
};
