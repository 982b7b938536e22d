import { forgeTar } from '../../world/forge.ts';
import { filters, type Scene } from './scene.ts';

const UPGRADE = { Connection: 'Upgrade', Upgrade: 'tcp' };
const SOCKET = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', Origin: 'http://localhost' };

/** Everything that can be asked of a container, in the states that change the answer. */
export async function playContainers({ api, prefix, image, port }: Scene): Promise<void> {
  const name = `${prefix}c`;
  const of = (verb: string): string => `/containers/${name}/${verb}`;
  const labels = { made: 'here' };
  await api.call('POST', `/containers/create?name=${name}`, {
    body: {
      Image: image, Cmd: ['sh', '-c', 'echo out; echo err >&2; trap "exit 3" TERM; while :; do sleep 0.1; done'], Labels: labels, Env: ['A=1'], ExposedPorts: { '80/tcp': {}, '81/udp': {} }, WorkingDir: '/tmp', StopSignal: 'TERM',
      Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9, Timeout: 1e9, Retries: 1 }, Volumes: { '/anonymous': {} }, OpenStdin: true,
      HostConfig: {
        Binds: ['/etc:/outer:ro'], Tmpfs: { '/scratch': 'size=1m' }, Mounts: [{ Type: 'volume', Source: `${prefix}v`, Target: '/data' }], Memory: 1 << 26, NanoCpus: 5e8, PidsLimit: 100, ExtraHosts: ['other:10.0.0.1'],
        PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] }, RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 }, Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }], Dns: ['9.9.9.9'], CapAdd: ['NET_ADMIN'], LogConfig: { Type: 'json-file', Config: {} },
      },
    },
  });
  await api.call('POST', `/containers/create?name=${name}`, { body: { Image: image } });
  await api.call('POST', '/containers/create', { body: { Image: `${prefix}nosuch` } });
  await api.call('POST', '/containers/create', { body: '{', headers: { 'Content-Type': 'application/json' } });
  await api.call('POST', '/containers/create?name=.bad', { body: { Image: image } });
  await api.call('GET', of('json'));
  await api.call('POST', of('start'));
  await api.call('POST', of('start'));
  await new Promise((resolve) => setTimeout(resolve, 1300));
  await api.call('GET', of('json?size=1'));
  for (const query of ['', '?all=1', '?all=1&size=1', `?filters=${filters({ label: ['made=here'] })}`, `?filters=${filters({ nosuch: ['x'] })}`, '?limit=1']) await api.call('GET', `/containers/json${query}`);
  await api.call('GET', of('top'));
  await api.call('GET', of('top?ps_args=-o%20pid,args'));
  for (const query of ['stdout=1&stderr=1', 'stdout=1&timestamps=1&tail=1', '']) await api.call('GET', of(`logs?${query}`));
  await api.call('GET', of('logs?stdout=1&follow=1'), { forMs: 200 });
  await api.call('GET', of('stats?stream=0'));
  await api.call('GET', of('stats?stream=0&one-shot=1'));
  await api.call('GET', of('stats'), { forMs: 1500 });
  await api.call('GET', of('changes'));
  await api.call('GET', of('export'));
  await api.call('POST', of('update'), { body: { Memory: 1 << 27, MemorySwap: 1 << 28 } });
  await api.call('POST', of('update'), { body: { Memory: 1 } });
  await api.call('POST', of('resize?h=10&w=20'));
  await api.call('POST', of('resize?h=x&w=20'));
  await api.call('POST', of('pause'));
  await api.call('POST', of('pause'));
  await api.call('POST', of('exec'), { body: { Cmd: ['true'] } });
  await api.call('POST', of('unpause'));
  await api.call('POST', of('unpause'));
  await playArchives({ api, prefix, image } as Scene, name);
  await api.call('POST', of('attach?stream=1&stdout=1&stderr=1'), { headers: UPGRADE, forMs: 100 });
  await api.call('POST', of('attach?stream=1&stdout=1'), { forMs: 100 });
  await api.call('GET', of('attach/ws?stream=1&stdout=1'), { headers: SOCKET, forMs: 100 });
  await api.call('POST', of(`rename?name=${name}`));
  await api.call('POST', of('rename?name='));
  await api.call('POST', of(`rename?name=${name}x`));
  await api.call('POST', `/containers/${name}x/rename?name=${name}`);
  await api.call('POST', of('kill?signal=NOPE'));
  await api.call('POST', of('wait?condition=nosuch'));
  await api.call('POST', of('restart?t=2'));
  await api.call('DELETE', `/containers/${name}`);
  await api.call('POST', of('kill?signal=KILL'));
  await api.call('POST', of('wait'));
  await api.call('POST', of('kill'));
  await api.call('POST', of('stop?t=1'));
  await api.call('GET', of('stats?stream=0'));
  await api.call('GET', of('top'));
  await api.call('GET', of('json'));
  await api.call('DELETE', `/containers/${name}?v=1`);
  await playCreations({ api, prefix, image } as Scene);
  await playNobody({ api, prefix } as Scene);
  await api.call('POST', `/containers/prune?filters=${filters({ label: [`gone=${prefix}`] })}`);
  await api.call('POST', `/containers/prune?filters=${filters({ nosuch: ['x'] })}`);
}

/** Containers that stop, fail to start, or end by themselves. */
async function playCreations({ api, prefix, image }: Scene): Promise<void> {
  const plain = `${prefix}plain`;
  await api.call('POST', `/containers/create?name=${plain}`, { body: { Image: image, Cmd: ['sleep', '100'], HostConfig: { NetworkMode: 'none', Init: true } } });
  await api.call('POST', `/containers/${plain}/start`);
  await api.call('GET', `/containers/${plain}/json`);
  await api.call('POST', `/containers/${plain}/stop?t=0`);
  await api.call('GET', `/containers/${plain}/changes`);
  await api.call('DELETE', `/containers/${plain}?force=1&v=1`);
  const wrong = `${prefix}wrong`;
  await api.call('POST', `/containers/create?name=${wrong}`, { body: { Image: image, Cmd: ['nosuchprogram'], HostConfig: { AutoRemove: false } } });
  await api.call('POST', `/containers/${wrong}/start`);
  await api.call('GET', `/containers/${wrong}/json`);
  await api.call('DELETE', `/containers/${wrong}`);
  const brief = `${prefix}brief`;
  await api.call('POST', `/containers/create?name=${brief}`, { body: { Image: image, Cmd: ['sh', '-c', 'exit 3'], Tty: true, Labels: { gone: prefix } } });
  await api.call('POST', `/containers/${brief}/start`);
  await api.call('POST', `/containers/${brief}/wait?condition=not-running`);
  await api.call('GET', `/containers/${brief}/logs?stdout=1`);
  await api.call('GET', `/containers/${brief}/json`);
}

async function playArchives({ api }: Scene, name: string): Promise<void> {
  const of = (query: string): string => `/containers/${name}/archive${query}`;
  await api.call('PUT', of('?path=/tmp'), { body: forgeTar([{ name: 'file', data: 'copied' }, { name: 'way', type: '2', link: 'file' }]), headers: { 'Content-Type': 'application/x-tar' } });
  await api.call('PUT', of('?path=/nosuch'), { body: forgeTar([{ name: 'file', data: 'x' }]) });
  await api.call('PUT', of('?path=/tmp'), { body: 'no archive' });
  await api.call('PUT', of('?path=/outer'), { body: forgeTar([{ name: 'gantry-never', data: 'x' }]) });
  for (const method of ['HEAD', 'GET']) {
    for (const query of ['?path=/tmp', '?path=/tmp/file', '?path=/tmp/way', '?path=/nosuch', '']) await api.call(method, of(query));
  }
}

/** Each operation on a container that is not there. */
async function playNobody({ api, prefix }: Scene): Promise<void> {
  const of = (verb: string): string => `/containers/${prefix}nobody/${verb}`;
  for (const verb of ['json', 'top', 'logs?stdout=1', 'changes', 'export', 'stats', 'archive?path=/']) await api.call('GET', of(verb));
  for (const verb of ['start', 'stop', 'restart', 'kill', 'pause', 'unpause', 'rename?name=x', 'resize?h=1&w=1', 'wait']) await api.call('POST', of(verb));
  await api.call('POST', of('attach?stream=1&stdout=1'), { headers: UPGRADE });
  await api.call('GET', of('attach/ws?stream=1'), { headers: SOCKET });
  await api.call('POST', of('update'), { body: {} });
  await api.call('POST', of('exec'), { body: { Cmd: ['true'] } });
  await api.call('HEAD', of('archive?path=/'));
  await api.call('PUT', of('archive?path=/'), { body: forgeTar([]) });
  await api.call('DELETE', `/containers/${prefix}nobody`);
}
