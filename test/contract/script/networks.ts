import { filters, type Scene } from './scene.ts';

export async function playNetworks({ api, prefix, image }: Scene): Promise<void> {
  const name = `${prefix}net`;
  const { Id: id } = await api.json('POST', '/networks/create', { body: { Name: name, Driver: 'bridge', Labels: { made: 'here' }, Internal: true, Options: { 'com.docker.network.driver.mtu': '1400' } } });
  await api.call('POST', '/networks/create', { body: { Name: name, CheckDuplicate: true } });
  await api.call('POST', '/networks/create', { body: { Name: 'host' } });
  await api.call('POST', '/networks/create', { body: { Name: '' } });
  await api.call('POST', '/networks/create', { body: '{', headers: { 'Content-Type': 'application/json' } });
  await api.call('POST', '/networks/create', { body: { Name: `${prefix}other`, IPAM: { Config: [{ Subnet: 'no subnet' }] } } });
  await api.call('POST', `/containers/create?name=${name}c`, { body: { Image: image, Cmd: ['sleep', '100'], NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: ['alias'] } } }, HostConfig: { NetworkMode: name } } });
  await api.call('POST', `/containers/${name}c/start`);
  await api.call('GET', `/containers/${name}c/json`);
  for (const query of ['', `?filters=${filters({ name: [name] })}`, `?filters=${filters({ nosuch: ['x'] })}`]) await api.call('GET', `/networks${query}`);
  for (const named of [name, String(id ?? name), 'bridge', 'host', 'none', `${prefix}nosuch`]) await api.call('GET', `/networks/${named}`);
  await api.call('GET', `/networks/${name}?verbose=1`);
  await api.call('DELETE', `/networks/${name}`);
  await api.call('DELETE', '/networks/bridge');
  await api.call('POST', `/networks/${name}/connect`, { body: { Container: `${name}c` } });
  await api.call('POST', '/networks/bridge/connect', { body: { Container: `${name}c`, EndpointConfig: {} } });
  await api.call('POST', '/networks/host/connect', { body: { Container: `${name}c` } });
  await api.call('POST', `/networks/${name}/connect`, { body: { Container: `${prefix}nobody` } });
  await api.call('POST', `/networks/${prefix}nosuch/connect`, { body: { Container: `${name}c` } });
  await api.call('POST', '/networks/bridge/disconnect', { body: { Container: `${name}c` } });
  await api.call('POST', `/networks/${name}/disconnect`, { body: { Container: `${name}c`, Force: true } });
  await api.call('POST', `/networks/${name}/disconnect`, { body: { Container: `${name}c` } });
  await api.call('POST', `/networks/${prefix}nosuch/disconnect`, { body: { Container: `${name}c` } });
  await api.call('DELETE', `/containers/${name}c?force=1`);
  await api.call('DELETE', `/networks/${name}`);
  await api.call('DELETE', `/networks/${prefix}nosuch`);
  await api.call('POST', `/networks/prune?filters=${filters({ label: [`gone=${prefix}`] })}`);
  await api.call('POST', `/networks/prune?filters=${filters({ nosuch: ['x'] })}`);
}
