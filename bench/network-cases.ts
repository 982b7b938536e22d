import { apiClient, type ApiClient } from './api-client.ts';
import { remove } from './api-actions.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { removeAll } from './load-actions.ts';
import { connections, joinByBridge, joinNamespaces, newNamespace, stream, takeAt } from './network-actions.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

const MEBIBYTES = 1024;
const CONNECTIONS = 4000;
const WIDTH = 16;
const PORT = 9000;
/** As published; the others follow it. */
const PUBLISHED = 10_000;

interface Session {
  readonly engine: Engine;
  readonly client: ApiClient;
  readonly image: string;
  readonly ids: string[];
  readonly closing: (() => void)[];
}

/** What crosses a bridge beside a plain veth pair, and what many published ports cost those who use them and the next one. */
export async function networkCases(job: Job, refuse: (message: string) => void): Promise<Timing[]> {
  const sessions = job.engines.flatMap((engine): Session[] => (engine.socket === undefined || engine.daemonPid === undefined ? [] : [{ engine, client: apiClient(engine.socket), image: job.image, ids: [], closing: [] }]));
  const pair: (() => void)[] = [];
  try {
    const refused = <T>(who: string) => (error: Error): T[] => {
      refuse(`${who}, network cases: ${error.message}`);
      return [];
    };
    const prepared = await Promise.all([vethPair(pair).catch(refused<Subject>('veth pair')), plainBridge(pair).catch(refused<Subject>('plain bridge')), ...sessions.map((session, number) => prepare(session, number).catch(refused<Subject>(session.engine.name)))]);
    return await timeInTurn(prepared.flat(), job.runs, refuse);
  } finally {
    for (const close of pair) close();
    for (const { client, ids, closing } of sessions) {
      for (const close of closing) close();
      await removeAll(client, ids);
      await client.call('DELETE', '/networks/bench').catch(() => {});
      client.close();
    }
  }
}

const THROUGHPUT = `${MEBIBYTES} MiB from container to container on one bridge`;

/** Two namespaces behind a bridge in a third one, with nobody's rules: what any engine's bridge costs. */
async function plainBridge(closing: (() => void)[]): Promise<Subject[]> {
  const [host, a, b] = [await newNamespace(), await newNamespace(), await newNamespace()];
  closing.push(host.close, a.close, b.close);
  joinByBridge(host.pid, a.pid, b.pid, 251);
  closing.push((await takeAt(b.pid, PORT)).close);
  return [{ what: THROUGHPUT, engine: 'plain bridge', attempt: () => stream(a.pid, '10.200.251.2', PORT, MEBIBYTES) }];
}

/** Two namespaces with nothing between them: the floor. */
async function vethPair(closing: (() => void)[]): Promise<Subject[]> {
  const [a, b] = [await newNamespace(), await newNamespace()];
  closing.push(a.close, b.close);
  joinNamespaces(a.pid, b.pid, 250);
  closing.push((await takeAt(b.pid, PORT)).close);
  return [{ what: THROUGHPUT, engine: 'veth pair', attempt: () => stream(a.pid, '10.200.250.2', PORT, MEBIBYTES) }];
}

async function prepare(session: Session, number: number): Promise<Subject[]> {
  const { engine, client, closing, ids } = session;
  await forgetEarlier(client);
  await client.call('POST', '/networks/create', { Name: 'bench' });
  const web = await started(session, 1, 'bench', PUBLISHED);
  const other = await started(session, 0, 'bench');
  closing.push((await takeAt(web.pid, PORT)).close);
  const subject = (what: string, attempt: Subject['attempt']): Subject => ({ what, engine: engine.name, attempt });
  const subjects = [subject(THROUGHPUT, () => stream(other.pid, web.address, PORT, MEBIBYTES))];

  const machine = await newNamespace();
  // The link goes with it, at both ends.
  closing.push(machine.close);
  joinNamespaces(engine.daemonPid as number, machine.pid, number);
  const reach = (): Promise<number> => connections(machine.pid, `10.200.${number}.1`, PUBLISHED, CONNECTIONS, WIDTH);
  subjects.push(subject(`${CONNECTIONS} connections from another machine through a published port`, reach));
  // Docker starts two processes for each port: a thousand of them are no measurement any more.
  if (engine.name !== 'gantry') return subjects;
  const among = async (ports: number, act: () => Promise<number>): Promise<number> => {
    const { id } = await started(session, ports, 'bench', PUBLISHED + 1);
    const took = await act().finally(() => remove(client, id));
    ids.splice(ids.indexOf(id), 1);
    return took;
  };
  return [
    ...subjects,
    subject(`${CONNECTIONS} connections from another machine through a published port, 1,000 published`, () => among(999, reach)),
    // A hundred more make a difference that can be seen: a port costs a hundredth of it.
    ...[1, 101].map((ports) => subject(`API: create and start with ${ports} published ports`, () => startAndRemove(session, ports))),
    ...[1, 101].map((ports) => subject(`API: create and start with ${ports} published ports, 5,000 present`, () => among(4999, () => startAndRemove(session, ports)))),
  ];
}

/** What a run that was broken off has left, whose state outlives its daemon. */
async function forgetEarlier(client: ApiClient): Promise<void> {
  const left = await client.call('GET', `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ network: ['bench'] }))}`) as { Id: string }[];
  await removeAll(client, left.map(({ Id }) => Id));
  await client.call('DELETE', '/networks/bench').catch(() => {});
}

interface Started {
  readonly id: string;
  readonly pid: number;
  readonly address: string;
}

async function started(session: Session, ports: number, network: string, first = PUBLISHED): Promise<Started> {
  const { client, ids } = session;
  const id = await create(session, ports, network, first);
  ids.push(id);
  await client.call('POST', `/containers/${id}/start`);
  const { State: { Pid: pid }, NetworkSettings: { Networks } } = await client.call('GET', `/containers/${id}/json`) as { State: { Pid: number }; NetworkSettings: { Networks: Record<string, { IPAddress: string }> } };
  return { id, pid, address: Networks[network]?.IPAddress ?? '' };
}

async function create({ client, image }: Session, ports: number, network: string, first: number): Promise<string> {
  // The first leads to the program that takes streams; the others to nobody.
  const bindings = Object.fromEntries(Array.from({ length: ports }, (_, index) => [`${PORT + index}/tcp`, [{ HostPort: String(first + index) }]]));
  const { Id: id } = await client.call('POST', '/containers/create', { Image: image, Cmd: ['sleep', '1000000'], ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])), HostConfig: { NetworkMode: network, PortBindings: bindings } }) as { Id: string };
  return id;
}

async function startAndRemove(session: Session, ports: number): Promise<number> {
  const before = performance.now();
  const id = await create(session, ports, 'bench', PUBLISHED + 20_000);
  await session.client.call('POST', `/containers/${id}/start`);
  const took = performance.now() - before;
  await remove(session.client, id);
  return took;
}
