import type { Environment } from '@marcbachmann/cel-js';

/** Who asks: as much of it as decides. */
export interface Asking {
  readonly name: string;
  readonly groups: readonly string[];
}

export type AskedAction =
  | { readonly kind: 'resource'; readonly verb: string; readonly group: string; readonly version: string; readonly resource: string; readonly subresource: string; readonly namespace: string; readonly name: string; readonly selectedNode?: string }
  | { readonly kind: 'path'; readonly verb: string; readonly path: string };

/** Who knows what who may do. */
export type AuthorizerPort = (user: Asking, action: AskedAction) => { readonly allowed: boolean; readonly reason: string };

type Place = Omit<AskedAction & { readonly kind: 'resource' }, 'kind' | 'verb' | 'version'>;

/** `authorizer` in an expression (kubernetes.io, "Common Expression Language in Kubernetes", Kubernetes authorizer library). */
export class RequestAuthorizer {
  readonly port: AuthorizerPort;
  readonly user: Asking;
  readonly requestResource: ResourceCheck;

  constructor(port: AuthorizerPort, user: Asking, asked: Place) {
    this.port = port;
    this.user = user;
    this.requestResource = new ResourceCheck({ of: this, place: asked });
  }
}

/** The library knows the type of a value by its class: one for each, that has the value. */
function boxes<T>(): new (value: T) => { readonly value: T } {
  return class {
    readonly value: T;

    constructor(value: T) {
      this.value = value;
    }
  };
}

const [GroupCheck, ResourceCheck, PathCheck, Decision] = [boxes<GroupAsked>(), boxes<ResourceAsked>(), boxes<PathAsked>(), boxes<ReturnType<AuthorizerPort>>()];
type GroupCheck = InstanceType<typeof GroupCheck>;
type ResourceCheck = InstanceType<typeof ResourceCheck>;
type PathCheck = InstanceType<typeof PathCheck>;
type Decision = InstanceType<typeof Decision>;

interface GroupAsked { readonly of: RequestAuthorizer; readonly group: string }
interface ResourceAsked { readonly of: RequestAuthorizer; readonly place: Place }
interface PathAsked { readonly of: RequestAuthorizer; readonly path: string }

const at = ({ value: { of, place } }: ResourceCheck, change: Partial<Place>): ResourceCheck => new ResourceCheck({ of, place: { ...place, ...change } });

const AUTHORIZER = 'kubernetes.authorization.Authorizer';
const GROUP = 'kubernetes.authorization.GroupCheck';
const RESOURCE = 'kubernetes.authorization.ResourceCheck';
const PATH = 'kubernetes.authorization.PathCheck';
const DECISION = 'kubernetes.authorization.Decision';

export function withAuthorizer(environment: Environment): Environment {
  return environment
    .registerType(DECISION, { ctor: Decision, fields: {} }).registerType(PATH, { ctor: PathCheck, fields: {} }).registerType(RESOURCE, { ctor: ResourceCheck, fields: {} }).registerType(GROUP, { ctor: GroupCheck, fields: {} })
    .registerType(AUTHORIZER, { ctor: RequestAuthorizer, fields: { requestResource: RESOURCE } })
    .registerFunction(`${AUTHORIZER}.group(string): ${GROUP}`, (of: RequestAuthorizer, group: string) => new GroupCheck({ of, group }))
    .registerFunction(`${AUTHORIZER}.path(string): ${PATH}`, (of: RequestAuthorizer, path: string) => new PathCheck({ of, path }))
    .registerFunction(`${AUTHORIZER}.serviceAccount(string, string): ${AUTHORIZER}`, (of: RequestAuthorizer, namespace: string, name: string) => new RequestAuthorizer(of.port, accountOf(namespace, name), of.requestResource.value.place))
    .registerFunction(`${GROUP}.resource(string): ${RESOURCE}`, ({ value: { of, group } }: GroupCheck, resource: string) => new ResourceCheck({ of, place: { group, resource, subresource: '', namespace: '', name: '' } }))
    .registerFunction(`${RESOURCE}.subresource(string): ${RESOURCE}`, (check: ResourceCheck, subresource: string) => at(check, { subresource }))
    .registerFunction(`${RESOURCE}.namespace(string): ${RESOURCE}`, (check: ResourceCheck, namespace: string) => at(check, { namespace }))
    .registerFunction(`${RESOURCE}.name(string): ${RESOURCE}`, (check: ResourceCheck, name: string) => at(check, { name }))
    .registerFunction(`${RESOURCE}.fieldSelector(string): ${RESOURCE}`, (check: ResourceCheck, selector: string) => at(check, selectedNodeIn(selector)))
    // Nobody's rights depend on labels.
    .registerFunction(`${RESOURCE}.labelSelector(string): ${RESOURCE}`, (check: ResourceCheck) => check)
    .registerFunction(`${RESOURCE}.check(string): ${DECISION}`, ({ value: { of, place } }: ResourceCheck, verb: string) => new Decision(of.port(of.user, { kind: 'resource', verb, version: '*', ...place })))
    .registerFunction(`${PATH}.check(string): ${DECISION}`, ({ value: { of, path } }: PathCheck, verb: string) => new Decision(of.port(of.user, { kind: 'path', verb, path })))
    .registerFunction(`${DECISION}.allowed(): bool`, ({ value: { allowed } }: Decision) => allowed)
    .registerFunction(`${DECISION}.reason(): string`, ({ value: { reason } }: Decision) => reason)
    .registerFunction(`${DECISION}.errored(): bool`, () => false)
    .registerFunction(`${DECISION}.error(): string`, () => '')
    .registerVariable('authorizer', AUTHORIZER);
}

function accountOf(namespace: string, name: string): Asking {
  return { name: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] };
}

/** Of a field selector: the node whose pods alone are asked for. */
export function selectedNodeIn(selector: string): { readonly selectedNode?: string } {
  const [, node] = /(?:^|,)spec\.nodeName==?([^,!=]+)(?:,|$)/.exec(selector) ?? [];
  return node === undefined ? {} : { selectedNode: node };
}
