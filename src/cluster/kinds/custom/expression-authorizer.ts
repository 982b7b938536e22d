import type { Environment } from '@marcbachmann/cel-js';

/** Who asks: as much of it as decides. */
export interface Asking {
  readonly name: string;
  readonly groups: readonly string[];
}

export type AskedAction =
  | { readonly kind: 'resource'; readonly verb: string; readonly group: string; readonly version: string; readonly resource: string; readonly subresource: string; readonly namespace: string; readonly name: string }
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
    this.requestResource = new ResourceCheck(this, asked);
  }
}

class GroupCheck {
  readonly of: RequestAuthorizer;
  readonly group: string;

  constructor(of: RequestAuthorizer, group: string) {
    this.of = of;
    this.group = group;
  }
}

class ResourceCheck {
  readonly of: RequestAuthorizer;
  readonly place: Place;

  constructor(of: RequestAuthorizer, place: Place) {
    this.of = of;
    this.place = place;
  }

  at(change: Partial<Place>): ResourceCheck {
    return new ResourceCheck(this.of, { ...this.place, ...change });
  }
}

class PathCheck {
  readonly of: RequestAuthorizer;
  readonly path: string;

  constructor(of: RequestAuthorizer, path: string) {
    this.of = of;
    this.path = path;
  }
}

class Decision {
  readonly allowed: boolean;
  readonly reason: string;

  constructor({ allowed, reason }: { readonly allowed: boolean; readonly reason: string }) {
    this.allowed = allowed;
    this.reason = reason;
  }
}

const AUTHORIZER = 'kubernetes.authorization.Authorizer';
const GROUP = 'kubernetes.authorization.GroupCheck';
const RESOURCE = 'kubernetes.authorization.ResourceCheck';
const PATH = 'kubernetes.authorization.PathCheck';
const DECISION = 'kubernetes.authorization.Decision';

export function withAuthorizer(environment: Environment): Environment {
  return environment
    .registerType(DECISION, { ctor: Decision, fields: {} }).registerType(PATH, { ctor: PathCheck, fields: {} }).registerType(RESOURCE, { ctor: ResourceCheck, fields: {} }).registerType(GROUP, { ctor: GroupCheck, fields: {} })
    .registerType(AUTHORIZER, { ctor: RequestAuthorizer, fields: { requestResource: RESOURCE } })
    .registerFunction(`${AUTHORIZER}.group(string): ${GROUP}`, (of: RequestAuthorizer, group: string) => new GroupCheck(of, group))
    .registerFunction(`${AUTHORIZER}.path(string): ${PATH}`, (of: RequestAuthorizer, path: string) => new PathCheck(of, path))
    .registerFunction(`${AUTHORIZER}.serviceAccount(string, string): ${AUTHORIZER}`, (of: RequestAuthorizer, namespace: string, name: string) => new RequestAuthorizer(of.port, accountOf(namespace, name), of.requestResource.place))
    .registerFunction(`${GROUP}.resource(string): ${RESOURCE}`, ({ of, group }: GroupCheck, resource: string) => new ResourceCheck(of, { group, resource, subresource: '', namespace: '', name: '' }))
    .registerFunction(`${RESOURCE}.subresource(string): ${RESOURCE}`, (check: ResourceCheck, subresource: string) => check.at({ subresource }))
    .registerFunction(`${RESOURCE}.namespace(string): ${RESOURCE}`, (check: ResourceCheck, namespace: string) => check.at({ namespace }))
    .registerFunction(`${RESOURCE}.name(string): ${RESOURCE}`, (check: ResourceCheck, name: string) => check.at({ name }))
    .registerFunction(`${RESOURCE}.check(string): ${DECISION}`, ({ of, place }: ResourceCheck, verb: string) => new Decision(of.port(of.user, { kind: 'resource', verb, version: '*', ...place })))
    .registerFunction(`${PATH}.check(string): ${DECISION}`, ({ of, path }: PathCheck, verb: string) => new Decision(of.port(of.user, { kind: 'path', verb, path })))
    .registerFunction(`${DECISION}.allowed(): bool`, ({ allowed }: Decision) => allowed)
    .registerFunction(`${DECISION}.reason(): string`, ({ reason }: Decision) => reason)
    .registerFunction(`${DECISION}.errored(): bool`, () => false)
    .registerFunction(`${DECISION}.error(): string`, () => '')
    .registerVariable('authorizer', AUTHORIZER);
}

function accountOf(namespace: string, name: string): Asking {
  return { name: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] };
}
