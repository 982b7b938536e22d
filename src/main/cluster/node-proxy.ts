import { nodeAnswer } from '#cluster/agent/node-api.ts';
import type { UsageMeter } from '#cluster/agent/usage-meter.ts';
import { connection } from '#cluster/api/admission/connection.ts';
import type { SubresourceHandler } from '#cluster/api/api-server.ts';
import { badRequest, methodNotSupported, notFound } from '#cluster/api/refusals.ts';
import { StatusError } from '#cluster/api/status.ts';
import type { ClusterCore } from './cluster-core.ts';
import { processGauges } from './process-gauges.ts';

const KUBELET_PORT = '10250';

/** `.../nodes/NAME/proxy/...`: what the node tells of itself, and no way to other doors of its machine. */
export function nodeProxy({ node, view, runtime, admission, resource }: ClusterCore, meter: UsageMeter): SubresourceHandler {
  const [pods] = [runtime.cache('pods'), runtime.cache('nodes')];
  return async (target, request) => {
    const of = resource('nodes');
    if (target.name === undefined) throw methodNotSupported(of, request.method.toLowerCase());
    const { object, subject } = connection(of, target, request);
    await admission.connect(object, subject);
    const [, scheme = '', name = '', port = KUBELET_PORT] = /^(?:(https?):)?([^:]+)(?::([^:]*))?$/.exec(target.name) ?? [];
    if (name === '' || scheme === 'http') throw badRequest(`invalid node request ${JSON.stringify(target.name)}`);
    if (port !== KUBELET_PORT && port !== '') throw badRequest(`address not allowed: a node is asked at port ${KUBELET_PORT} only`);
    if (view.get('nodes', undefined, name) === undefined) throw notFound(of, name);
    if (name !== node) throw new StatusError('unavailable', `error trying to reach service: nobody answers for node ${JSON.stringify(name)}`);
    return await nodeAnswer({ node, pods, meter, gauges: processGauges }, target.rest, request);
  };
}
