import type { Json } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { objectOf, objectsOf } from '../admission/pod-spec.ts';

export const API_SERVICES = 'apiregistration.k8s.io/apiservices';
export const AVAILABLE = 'Available';

/** A group and version that a server behind a service has, as its APIService says. */
export interface RemoteApi {
  /** Of the APIService: `v1.wardle.example.com`. */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** The server's certificate is not looked at. */
  readonly isInsecure: boolean;
  /** PEM; absent: one of the authorities that the host trusts. */
  readonly authority?: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** What its condition says. */
  readonly isAvailable: boolean;
}

const DEFAULT_PORT = 443;

/** @returns undefined for one that the API itself serves */
export function remoteApi(registration: KubeObject): RemoteApi | undefined {
  const spec = objectOf(registration['spec'] as Json | undefined);
  const [service, bundle] = [objectOf(spec['service']), text(spec['caBundle'])];
  if (text(service['name']) === '') return undefined;
  return {
    name: registration.metadata.name, group: text(spec['group']), version: text(spec['version']), namespace: text(service['namespace']), service: text(service['name']), port: number(service['port'], DEFAULT_PORT),
    isInsecure: spec['insecureSkipTLSVerify'] === true, ...(bundle === '' ? {} : { authority: new TextDecoder().decode(Uint8Array.fromBase64(bundle)) }),
    groupPriority: number(spec['groupPriorityMinimum'], 0), versionPriority: number(spec['versionPriority'], 0),
    isAvailable: objectsOf(objectOf(registration['status'] as Json | undefined)['conditions']).some(({ type, status }) => type === AVAILABLE && status === 'True'),
  };
}

/** Of the APIService of a group and version. */
export const registrationName = (group: string, version: string): string => `${version}.${group}`;

/** Where a server tells what it has of a group and version. */
export const discoveryPath = ({ group, version }: Pick<RemoteApi, 'group' | 'version'>): string => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`);

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const number = (value: Json | undefined, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
