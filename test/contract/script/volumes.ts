import { filters, type Scene } from './scene.ts';

export async function playVolumes({ api, prefix, image }: Scene): Promise<void> {
  const name = `${prefix}vol`;
  await api.call('POST', '/volumes/create', { body: { Name: name, Labels: { made: 'here' }, Driver: 'local' } });
  await api.call('POST', '/volumes/create', { body: { Name: name } });
  await api.call('POST', '/volumes/create', { body: { Name: 'bad/name' } });
  await api.call('POST', '/volumes/create', { body: '{', headers: { 'Content-Type': 'application/json' } });
  const { Name: anonymous } = await api.json('POST', '/volumes/create', { body: {} });
  for (const query of ['', `?filters=${filters({ label: ['made=here'] })}`, `?filters=${filters({ nosuch: ['x'] })}`]) await api.call('GET', `/volumes${query}`);
  await api.call('GET', `/volumes/${name}`);
  await api.call('GET', `/volumes/${prefix}nosuch`);
  await api.call('PUT', `/volumes/${name}?version=1`, { body: {} });
  await api.call('POST', `/containers/create?name=${name}user`, { body: { Image: image, HostConfig: { Binds: [`${name}:/data`] } } });
  await api.call('DELETE', `/volumes/${name}`);
  await api.call('GET', '/system/df');
  await api.call('GET', '/system/df?type=volume');
  await api.call('GET', '/system/df?type=nosuch');
  await api.call('DELETE', `/containers/${name}user`);
  await api.call('DELETE', `/volumes/${name}`);
  await api.call('DELETE', `/volumes/${String(anonymous)}`);
  await api.call('DELETE', `/volumes/${prefix}nosuch`);
  await api.call('POST', `/volumes/prune?filters=${filters({ label: [`gone=${prefix}`] })}`);
  await api.call('POST', `/volumes/prune?filters=${filters({ nosuch: ['x'] })}`);
}
