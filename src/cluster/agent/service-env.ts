import type { KubeObject } from '#cluster/kinds/object.ts';

interface ServiceSpec {
  readonly clusterIP?: string;
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port: number }[];
}

/** Services by namespace and name. */
interface Services {
  list(namespace: string | undefined): readonly KubeObject[];
  get(namespace: string | undefined, name: string): KubeObject | undefined;
}

/** By which every pod finds the API, whatever it says. */
const API = { namespace: 'default', name: 'kubernetes' } as const;

/**
 * Variables that name services (kubernetes.io, "Accessing the Service"): those of the pod's namespace where it wants them,
 * and the API's in any case.
 */
export function serviceVariables(services: Services, namespace: string | undefined, wantsAll: boolean): ReadonlyMap<string, string> {
  const api = services.get(API.namespace, API.name);
  const own = wantsAll ? services.list(namespace).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)) : [];
  // One of the namespace that is called like the API's takes its place.
  return new Map([...(api === undefined ? [] : [api]), ...own].flatMap(variablesOf));
}

function variablesOf(service: KubeObject): (readonly [string, string])[] {
  const { clusterIP: address = '', ports = [] } = (service['spec'] ?? {}) as ServiceSpec;
  const [first] = ports;
  if (address === '' || address === 'None' || first === undefined) return [];
  const name = variableName(service.metadata.name);
  const url = ({ protocol = 'TCP', port }: typeof first): string => `${protocol.toLowerCase()}://${address}:${port}`;
  return [
    [`${name}_SERVICE_HOST`, address], [`${name}_SERVICE_PORT`, String(first.port)],
    ...ports.flatMap(({ name: port = '', port: number }) => port === '' ? [] : [[`${name}_SERVICE_PORT_${variableName(port)}`, String(number)] as const]),
    [`${name}_PORT`, url(first)],
    ...ports.flatMap((port) => {
      const { protocol = 'TCP', port: number } = port;
      const prefix = `${name}_PORT_${number}_${protocol}`;
      return [[prefix, url(port)], [`${prefix}_PROTO`, protocol.toLowerCase()], [`${prefix}_PORT`, String(number)], [`${prefix}_ADDR`, address]] as const;
    }),
  ];
}

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_');
