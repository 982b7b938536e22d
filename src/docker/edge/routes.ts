import type { Handler } from './exchange.ts';
import * as archive from './handlers/archive.ts';
import { attach, attachWebSocket } from './handlers/attach.ts';
import * as builds from './handlers/build.ts';
import * as cluster from './handlers/cluster.ts';
import { commit } from './handlers/commit.ts';
import * as life from './handlers/container-life.ts';
import * as containers from './handlers/containers.ts';
import { diskUsage } from './handlers/disk-usage.ts';
import { events } from './handlers/events.ts';
import { createExec, inspectExec, killExec, resizeExec, startExec } from './handlers/exec.ts';
import * as content from './handlers/image-content.ts';
import * as images from './handlers/images.ts';
import { logs } from './handlers/logs.ts';
import * as networks from './handlers/networks.ts';
import { noClusterVolume, noPlugin, noSwarm, notInSwarm, notYet } from './handlers/refused.ts';
import * as registry from './handlers/registry.ts';
import { stats } from './handlers/stats.ts';
import * as system from './handlers/system.ts';
import * as volumeContent from './handlers/volume-content.ts';
import { why } from './handlers/why.ts';
import * as volumes from './handlers/volumes.ts';
import type { Route } from './router.ts';

const done = (table: Readonly<Record<string, Handler>>): Route[] => routes(table, false);
const refused = (table: Readonly<Record<string, Handler>>): Route[] => routes(table, true);

function routes(table: Readonly<Record<string, Handler>>, isRefused: boolean): Route[] {
  return Object.entries(table).map(([operation, handler]) => {
    const [method = '', pattern = ''] = operation.split(' ');
    return { method, pattern, handler, isRefused };
  });
}


const SYSTEM = done({
  'GET /_ping': system.ping,
  'HEAD /_ping': system.ping,
  'GET /version': system.version,
  'GET /info': system.info,
  'GET /events': events,
  'GET /system/df': diskUsage,
  'GET /plugins': system.plugins,
});

const CONTAINERS = done({
  'GET /containers/json': containers.list,
  'POST /containers/create': containers.create,
  'POST /containers/prune': life.prune,
  'GET /containers/{name}/json': containers.inspect,
  'GET /containers/{name}/stats': stats,
  'GET /containers/{name}/why': why,
  'GET /containers/{name}/top': containers.top,
  'GET /containers/{name}/logs': logs,
  'GET /containers/{name}/changes': archive.changes,
  'GET /containers/{name}/export': archive.exportContainer,
  'HEAD /containers/{name}/archive': archive.statArchive,
  'GET /containers/{name}/archive': archive.readArchive,
  'PUT /containers/{name}/archive': archive.writeArchive,
  'POST /containers/{name}/start': life.start,
  'POST /containers/{name}/stop': life.stop,
  'POST /containers/{name}/restart': life.restart,
  'POST /containers/{name}/kill': life.kill,
  'POST /containers/{name}/rename': life.rename,
  'POST /containers/{name}/update': life.update,
  'POST /containers/{name}/pause': life.pause,
  'POST /containers/{name}/unpause': life.unpause,
  'POST /containers/{name}/wait': life.wait,
  'POST /containers/{name}/resize': life.resize,
  'POST /containers/{name}/attach': attach,
  'GET /containers/{name}/attach/ws': attachWebSocket,
  'POST /containers/{name}/exec': createExec,
  'DELETE /containers/{name}': life.remove,
  'GET /exec/{name}/json': inspectExec,
  'POST /exec/{name}/kill': killExec,
  'POST /exec/{name}/start': startExec,
  'POST /exec/{name}/resize': resizeExec,
  'POST /commit': commit,
});

const IMAGES = done({
  'GET /images/json': images.list,
  'GET /images/get': content.save,
  'GET /images/{name}/get': content.save,
  'GET /images/{name}/json': images.inspect,
  'GET /images/{name}/history': images.history,
  'POST /images/create': content.create,
  'POST /images/load': content.load,
  'POST /images/prune': images.prune,
  'POST /images/{name}/push': registry.push,
  'GET /images/search': registry.search,
  'GET /distribution/{name}/json': registry.distribution,
  'POST /auth': registry.auth,
  'POST /images/{name}/tag': images.tag,
  'DELETE /images/{name}': images.remove,
});

const BUILD = done({
  'POST /build': builds.build,
  'POST /build/cancel': builds.cancel,
  'POST /build/prune': builds.prune,
  'POST /grpc': builds.grpc,
  'POST /session': builds.session,
});

const NETWORKS_AND_VOLUMES = done({
  'GET /networks': networks.list,
  'GET /networks/': networks.list,
  'GET /networks/{name}': networks.inspect,
  'POST /networks/create': networks.create,
  'POST /networks/prune': networks.prune,
  'POST /networks/{name}/connect': networks.connect,
  'POST /networks/{name}/disconnect': networks.disconnect,
  'DELETE /networks/{name}': networks.remove,
  'GET /volumes': volumes.list,
  'POST /volumes/create': volumes.create,
  'POST /volumes/prune': volumes.prune,
  'GET /volumes/{name}/export': volumeContent.exportVolume,
  'GET /volumes/{name}': volumes.inspect,
  'DELETE /volumes/{name}': volumes.remove,
  'POST /volumes/{name}/rename': volumeContent.rename,
  'POST /volumes/{name}/clone': volumeContent.clone,
  'PUT /volumes/{name}/import': volumeContent.importVolume,
});

/** Ours: the machine as a cluster. */
const CLUSTER = done({
  'GET /cluster': cluster.clusterStatus,
  'GET /cluster/kubeconfig': cluster.clusterKubeconfig,
  'GET /cluster/why': cluster.clusterWhy,
  'POST /cluster/up': cluster.clusterUp,
  'POST /cluster/down': cluster.clusterDown,
  'GET /cluster/backup': cluster.clusterBackup,
  'POST /cluster/restore': cluster.clusterRestore,
});

const PLUGIN = notYet('managed plugins');

const PLUGINS = refused({
  'GET /plugins/{name}/json': noPlugin, 'DELETE /plugins/{name}': noPlugin, 'POST /plugins/{name}/enable': noPlugin, 'POST /plugins/{name}/disable': noPlugin,
  'POST /plugins/{name}/push': noPlugin, 'POST /plugins/{name}/upgrade': noPlugin, 'POST /plugins/{name}/set': noPlugin,
  'GET /plugins/privileges': PLUGIN, 'POST /plugins/pull': PLUGIN, 'POST /plugins/create': PLUGIN,
});

function swarmRoutes(): Route[] {
  const kinds = ['services', 'nodes', 'tasks', 'secrets', 'configs'];
  const operations = [
    ...['init', 'join', 'update', 'unlock'].map((verb) => `POST /swarm/${verb}`), 'GET /swarm', 'GET /swarm/unlockkey',
    ...kinds.flatMap((kind) => [`GET /${kind}`, `GET /${kind}/{name}`]),
    ...kinds.filter((kind) => kind !== 'tasks').flatMap((kind) => [`DELETE /${kind}/{name}`, `POST /${kind}/{name}/update`]),
    'POST /services/create', 'POST /secrets/create', 'POST /configs/create', 'GET /services/{name}/logs', 'GET /tasks/{name}/logs',
  ];
  return refused({ ...Object.fromEntries(operations.map((operation) => [operation, noSwarm])), 'POST /swarm/leave': notInSwarm, 'PUT /volumes/{name}': noClusterVolume });
}

/** Every operation that is answered with more than `page not found`. */
export const ROUTES: readonly Route[] = [
  ...SYSTEM, ...CONTAINERS, ...IMAGES, ...BUILD, ...NETWORKS_AND_VOLUMES, ...CLUSTER, ...PLUGINS, ...swarmRoutes(),
];
