import type { Scene } from './scene.ts';

export async function playExecs({ api, prefix, image }: Scene): Promise<void> {
  const name = `${prefix}e`;
  await api.call('POST', `/containers/create?name=${name}`, { body: { Image: image, Cmd: ['sleep', '100'], HostConfig: { NetworkMode: 'host' } } });
  const make = async (body: object): Promise<string> => String((await api.json('POST', `/containers/${name}/exec`, { body }))['Id'] ?? 'none');
  await make({ Cmd: ['true'] });
  await api.call('POST', `/containers/${name}/start`);
  const attached = await make({ Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 4'], AttachStdout: true, AttachStderr: true, Env: ['A=1'], User: 'root', WorkingDir: '/tmp' });
  await api.call('GET', `/exec/${attached}/json`);
  await api.call('POST', `/exec/${attached}/start`, { body: { Detach: false, Tty: false }, headers: { Connection: 'Upgrade', Upgrade: 'tcp' }, forMs: 2000 });
  await api.call('GET', `/exec/${attached}/json`);
  await api.call('POST', `/exec/${attached}/start`, { body: {} });
  await api.call('POST', `/exec/${attached}/resize?h=1&w=1`);
  const unframed = await make({ Cmd: ['echo', 'hello'], AttachStdout: true });
  await api.call('POST', `/exec/${unframed}/start`, { body: { Detach: false } });
  const detached = await make({ Cmd: ['sleep', '30'], Tty: true });
  await api.call('POST', `/exec/${detached}/start`, { body: { Detach: true, Tty: true } });
  await api.call('GET', `/exec/${detached}/json`);
  await api.call('POST', `/exec/${detached}/resize?h=10&w=20`);
  await api.call('POST', `/exec/${detached}/resize?h=x&w=20`);
  await api.call('POST', `/containers/${name}/exec`, { body: {} });
  await api.call('POST', `/containers/${name}/exec`, { body: '[', headers: { 'Content-Type': 'application/json' } });
  await api.call('GET', `/containers/${name}/json`);
  await api.call('GET', `/exec/${prefix}nobody/json`);
  await api.call('POST', `/exec/${prefix}nobody/start`, { body: {} });
  await api.call('POST', `/exec/${prefix}nobody/resize?h=1&w=1`);
  await api.call('DELETE', `/containers/${name}?force=1`);
}
