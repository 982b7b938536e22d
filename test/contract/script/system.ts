import { filters, type Scene } from './scene.ts';

/** @param since when the script began, in seconds since the epoch */
export async function playSystem({ api, prefix }: Scene, since: number): Promise<void> {
  await api.call('GET', '/_ping');
  await api.call('HEAD', '/_ping');
  await api.call('GET', '/version');
  await api.call('GET', '/info');
  const now = Math.floor(Date.now() / 1000) + 1;
  await api.call('GET', `/events?since=${since}&until=${now}`);
  await api.call('GET', `/events?since=${since}&until=${now}&filters=${filters({ type: ['container'] })}`);
  await api.call('GET', `/events?filters=${filters({ event: ['nosuch'] })}`, { forMs: 200 });
  await api.call('GET', '/events?since=nosuch&until=1');
  await api.call('GET', `/events?filters=${encodeURIComponent('{')}`);
  await api.call('POST', '/auth', { body: { username: 'somebody', password: 'secret', serveraddress: '127.0.0.1:1' } });
  await api.call('POST', '/auth', { body: '{', headers: { 'Content-Type': 'application/json' } });
  await api.call('POST', `/containers/prune?filters=${filters({ label: [`gone=${prefix}`] })}`);
}

/** The operations of a swarm and of managed plugins, which are off. */
export async function playRefused({ api, prefix }: Scene): Promise<void> {
  const swarmSpec = { Name: 'default', Labels: {} };
  for (const path of ['/nodes', '/swarm', '/swarm/unlockkey', '/services', '/tasks', '/secrets', '/configs']) await api.call('GET', path);
  for (const kind of ['nodes', 'services', 'tasks', 'secrets', 'configs']) await api.call('GET', `/${kind}/${prefix}x`);
  for (const kind of ['services', 'tasks']) await api.call('GET', `/${kind}/${prefix}x/logs?stdout=1`);
  for (const kind of ['nodes', 'services', 'secrets', 'configs']) {
    await api.call('DELETE', `/${kind}/${prefix}x`);
    await api.call('POST', `/${kind}/${prefix}x/update?version=1`, { body: { Name: 'x' } });
  }
  for (const kind of ['services', 'secrets', 'configs']) await api.call('POST', `/${kind}/create`, { body: { Name: 'x' } });
  await api.call('POST', '/swarm/update?version=1', { body: swarmSpec });
  await api.call('POST', '/swarm/leave');
  await api.call('POST', '/swarm/unlock', { body: { UnlockKey: 'x' } });
  await api.call('POST', '/swarm/join', { body: { RemoteAddrs: [], JoinToken: 'x', ListenAddr: '0.0.0.0:99999' } });
  await api.call('POST', '/swarm/init', { body: '{', headers: { 'Content-Type': 'application/json' } });
  await api.call('GET', '/plugins');
  await api.call('GET', `/plugins/privileges?remote=127.0.0.1:1/x`);
  await api.call('GET', `/plugins/${prefix}x/json`);
  await api.call('DELETE', `/plugins/${prefix}x`);
  for (const verb of ['enable', 'disable', 'push', 'set']) await api.call('POST', `/plugins/${prefix}x/${verb}`, verb === 'set' ? { body: [] } : {});
  await api.call('POST', `/plugins/${prefix}x/enable?timeout=10`);
  await api.call('POST', `/plugins/${prefix}x/upgrade?remote=127.0.0.1:1/x`, { body: [] });
  await api.call('POST', '/plugins/pull?remote=127.0.0.1:1/x', { body: [] });
  await api.call('POST', `/plugins/create?name=${prefix}x`, { body: 'no archive', headers: { 'Content-Type': 'application/x-tar' } });
}
