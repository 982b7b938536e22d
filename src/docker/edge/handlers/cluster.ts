import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { AuditRequest, ClusterControl, StoreRequest, SoftEviction } from '../cluster-control.ts';
import type { Exchange } from '../exchange.ts';
import { sendArchive } from '../send-archive.ts';

const DEFAULT = { address: '127.0.0.1', port: 6443 } as const;

function controlOf({ front }: Exchange): ClusterControl {
  if (front.cluster === undefined) throw new GantryError('unimplemented', 'this daemon has no cluster');
  return front.cluster;
}

/** `GET /cluster`, an extension of ours. */
export function clusterStatus(exchange: Exchange): void {
  exchange.json(200, { ...controlOf(exchange).status() });
}

/** `POST /cluster/up` with `{ Address, Port, ServiceCIDR, Store, StoreCA, StoreCert, StoreKey, Audit, EvictionHard, EvictionSoft, EvictionSoftGracePeriod, EvictionMaxPodGracePeriod }`; an empty range is chosen. */
export async function clusterUp(exchange: Exchange): Promise<void> {
  const body = ((await exchange.body()) ?? {}) as Json;
  const { Address: address = DEFAULT.address, Port: port = DEFAULT.port, ServiceCIDR: range = '' } = (body ?? {}) as JsonObject;
  if (typeof address !== 'string' || typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) throw new GantryError('invalid', 'Address is a text and Port a number from 0 to 65535');
  if (typeof range !== 'string') throw new GantryError('invalid', 'ServiceCIDR is a text such as 10.96.0.0/16');
  const text = (name: string): string => {
    const value = ((body ?? {}) as JsonObject)[name] ?? '';
    if (typeof value !== 'string') throw new GantryError('invalid', `${name} is a text`);
    return value;
  };
  const audit = auditOf(((body ?? {}) as JsonObject)['Audit']);
  const evictionHard = text('EvictionHard');
  const evictionSoft = softOf(text, ((body ?? {}) as JsonObject)['EvictionMaxPodGracePeriod'] ?? 0);
  const storage = storageOf((name) => text(`Store${name}`));
  exchange.json(200, { ...await controlOf(exchange).up({ address, port, ...(range === '' ? {} : { serviceRange: range }), ...(storage === undefined ? {} : { storage }), ...(audit === undefined ? {} : { audit }), ...(evictionHard === '' ? {} : { evictionHard }), ...(evictionSoft === undefined ? {} : { evictionSoft }) }) });
}

function softOf(text: (name: string) => string, seconds: Json): SoftEviction | undefined {
  const thresholds = text('EvictionSoft');
  if (thresholds === '') return undefined;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 0) throw new GantryError('invalid', 'EvictionMaxPodGracePeriod is a whole number of seconds');
  return { thresholds, gracePeriods: text('EvictionSoftGracePeriod'), mostPodGraceSeconds: seconds };
}

/** @param given `{ Path, Policy, MaxSize, MaxAge, MaxBackup }`, the numbers as upstream's flags have them */
function auditOf(given: Json | undefined): AuditRequest | undefined {
  if (given === undefined || given === null) return undefined;
  const { Path: path, Policy: policy = '', MaxSize: mostMegabytes = 100, MaxAge: mostDays = 30, MaxBackup: mostBackups = 10 } = given as JsonObject;
  if (typeof path !== 'string' || !path.startsWith('/')) throw new GantryError('invalid', 'Audit.Path is an absolute path on the machine of the daemon');
  if (typeof policy !== 'string') throw new GantryError('invalid', 'Audit.Policy is the text of a policy');
  const whole = (name: string, value: Json, least: number): number => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > 1e6) throw new GantryError('invalid', `Audit.${name} is a whole number, ${least} at least`);
    return value;
  };
  return { path, ...(policy === '' ? {} : { policy }), mostMegabytes: whole('MaxSize', mostMegabytes, 1), mostDays: whole('MaxAge', mostDays, 0), mostBackups: whole('MaxBackup', mostBackups, 0) };
}

/** @param value of what is asked of the store: its place has no name */
function storageOf(value: (name: '' | 'CA' | 'Cert' | 'Key') => string): StoreRequest | undefined {
  const [url, ca, cert, key] = [value(''), value('CA'), value('Cert'), value('Key')];
  if (url === '') {
    if (ca !== '' || cert !== '' || key !== '') throw new GantryError('invalid', 'certificates are for a store, and none is named', { hint: 'name it: --store https://HOST:2379' });
    return undefined;
  }
  return { url, ...(ca === '' ? {} : { ca }), ...(cert === '' ? {} : { cert }), ...(key === '' ? {} : { key }) };
}

/** `GET /cluster/backup?volumes=1`: all that the cluster knows, as a file, with the files of its volumes where they are wanted. */
export async function clusterBackup(exchange: Exchange): Promise<void> {
  await sendArchive(exchange, await controlOf(exchange).backup(exchange.query.get('volumes') === '1'), [], 'application/gzip');
}

/** `POST /cluster/restore?store=...`: such a file. */
export async function clusterRestore(exchange: Exchange): Promise<void> {
  const storage = storageOf((name) => exchange.param(`store${name.toLowerCase()}`));
  // Left early, the request stays: it has to be answered.
  exchange.json(200, { ...await controlOf(exchange).restore(exchange.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>, storage) });
}

/** `POST /cluster/down?erase=1`. */
export async function clusterDown(exchange: Exchange): Promise<void> {
  await controlOf(exchange).down({ erase: exchange.query.get('erase') === '1' });
  exchange.empty(204);
}

/** `GET /cluster/why?namespace=default&pod=NAME`. */
export async function clusterWhy(exchange: Exchange): Promise<void> {
  exchange.json(200, await controlOf(exchange).why(exchange.param('namespace') || 'default', exchange.param('pod')));
}

/** `GET /cluster/kubeconfig`. */
export function clusterKubeconfig(exchange: Exchange): void {
  exchange.json(200, { Kubeconfig: controlOf(exchange).kubeconfig() });
}
