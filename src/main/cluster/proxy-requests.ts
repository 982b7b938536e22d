import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connection } from '#cluster/api/admission/connection.ts';
import type { ApiRequest, ApiResponse } from '#cluster/api/api-request.ts';
import type { SubresourceHandler } from '#cluster/api/api-server.ts';
import { forwardConnection, forwardRequest } from '#cluster/api/edge/proxy-client.ts';
import { podTarget, proxyPath, serviceTarget, type ProxyTarget } from '#cluster/api/proxy/proxy-target.ts';
import { methodNotSupported } from '#cluster/api/refusals.ts';
import type { ResourceRequest } from '#cluster/api/request-info.ts';
import { SERVICE_BACKEND_RESOURCES } from '#cluster/api/service-backend.ts';
import type { ClusterCore } from './cluster-core.ts';

/** `.../pods/NAME/proxy/...` and `.../services/NAME/proxy/...`: a way to programs in the cluster for who comes as far as its API. */
export class ProxyRequests {
  readonly #core: ClusterCore;

  constructor(core: ClusterCore) {
    this.#core = core;
    for (const name of SERVICE_BACKEND_RESOURCES) core.runtime.cache(name);
  }

  get special(): readonly (readonly [string, SubresourceHandler])[] {
    const handler: SubresourceHandler = (target, request) => this.#answer(target, request);
    return [['/pods/proxy', handler], ['/services/proxy', handler]];
  }

  static is({ group, plural, subresource }: ResourceRequest): boolean {
    return group === '' && subresource === 'proxy' && (plural === 'pods' || plural === 'services');
  }

  /** @throws StatusError before anything was answered */
  async connect(target: ResourceRequest, request: ApiRequest, incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    await forwardConnection(this.#target(target), proxyPath(request.path), request, incoming, socket, head);
  }

  async #answer(target: ResourceRequest, request: ApiRequest): Promise<ApiResponse> {
    if (target.name === undefined) throw methodNotSupported(this.#core.resource(target.plural), request.method.toLowerCase());
    const { object, subject } = connection(this.#core.resource(target.plural), target, request);
    await this.#core.admission.connect(object, subject);
    return await forwardRequest(this.#target(target), proxyPath(request.path), request);
  }

  #target({ plural, namespace = '', name = '' }: ResourceRequest): ProxyTarget {
    const { view, random } = this.#core;
    const of = this.#core.resource(plural);
    const [high = 0, low = 0] = random.bytes(2);
    return plural === 'pods' ? podTarget(view, of, namespace, name) : serviceTarget(view, of, namespace, name, high * 256 + low);
  }
}
