import { forgeTar } from '../../world/forge.ts';
import { filters, type Scene } from './scene.ts';

/** Nobody listens on port 1 of the loopback. */
const NOWHERE = '127.0.0.1:1';
const AUTH = Buffer.from('{}').toString('base64url');

export async function playImages({ api, prefix, image, archive }: Scene): Promise<void> {
  const made = `${prefix}made`;
  await api.call('POST', `/images/create?fromSrc=-&repo=${prefix}imported&tag=1&changes=${encodeURIComponent('CMD ["sh"]')}&message=by%20hand`, { body: archive });
  await api.call('POST', `/images/create?fromSrc=-&repo=${prefix}imported&tag=1`, { body: 'no archive' });
  await api.call('POST', `/images/create?fromImage=${NOWHERE}/x&tag=1`);
  await api.call('POST', '/images/create?fromImage=Bad/Name');
  for (const query of ['', '?all=1', '?digests=1&shared-size=1', `?manifests=1`, `?filters=${filters({ label: ['made=here'] })}`, `?filters=${filters({ nosuch: ['x'] })}`]) await api.call('GET', `/images/json${query}`);
  await api.call('GET', `/images/${image}/json`);
  await api.call('GET', `/images/${prefix}imported:1/json?manifests=1`);
  await api.call('GET', `/images/${prefix}nosuch/json`);
  await api.call('GET', `/images/${image}/history`);
  await api.call('GET', `/images/${prefix}nosuch/history`);
  await api.call('POST', `/images/${image}/tag?repo=${made}&tag=2`);
  await api.call('POST', `/images/${image}/tag?repo=Bad/Name`);
  await api.call('POST', `/images/${prefix}nosuch/tag?repo=${made}`);
  const { body: saved } = await api.call('GET', `/images/${made}:2/get`);
  await api.call('GET', `/images/get?names=${made}:2&names=${prefix}imported:1`);
  await api.call('GET', `/images/${prefix}nosuch/get`);
  await api.call('DELETE', `/images/${made}:2`);
  await api.call('POST', '/images/load?quiet=1', { body: saved, headers: { 'Content-Type': 'application/x-tar' } });
  await api.call('POST', '/images/load', { body: saved, headers: { 'Content-Type': 'application/x-tar' } });
  await api.call('POST', '/images/load', { body: 'no archive' });
  await playCommit({ api, prefix, image } as Scene);
  await api.call('POST', `/images/${NOWHERE}/x/push?tag=1`, { headers: { 'X-Registry-Auth': AUTH } });
  await api.call('POST', `/images/${image}/tag?repo=${NOWHERE}/x&tag=1`);
  await api.call('POST', `/images/${NOWHERE}/x/push?tag=1`, { headers: { 'X-Registry-Auth': AUTH } });
  await api.call('DELETE', `/images/${NOWHERE}/x:1`);
  await api.call('GET', '/images/search');
  await api.call('GET', `/distribution/${NOWHERE}/x:1/json`);
  await api.call('GET', '/distribution/Bad/Name/json');
  await playBuild({ api, prefix, image } as Scene);
  for (const name of [`${made}:2`, `${prefix}imported:1`, `${prefix}nosuch`]) await api.call('DELETE', `/images/${name}`);
  await api.call('POST', `/images/prune?filters=${filters({ label: [`gone=${prefix}`] })}`);
  await api.call('POST', `/images/prune?filters=${filters({ nosuch: ['x'] })}`);
}

async function playCommit({ api, prefix, image }: Scene): Promise<void> {
  const name = `${prefix}committed`;
  await api.call('POST', `/containers/create?name=${name}`, { body: { Image: image } });
  await api.call('POST', `/commit?container=${name}&repo=${name}&tag=1&comment=c&author=a&changes=${encodeURIComponent('ENV B=2')}`);
  await api.call('POST', `/commit?container=${prefix}nobody&repo=${name}`);
  await api.call('GET', `/images/${name}:1/json`);
  await api.call('POST', `/containers/create?name=${name}user`, { body: { Image: `${name}:1` } });
  await api.call('DELETE', `/images/${name}:1`);
  await api.call('DELETE', `/containers/${name}user`);
  await api.call('DELETE', `/images/${name}:1`);
  await api.call('DELETE', `/containers/${name}`);
}

async function playBuild({ api, prefix, image }: Scene): Promise<void> {
  const context = (dockerfile: string): Uint8Array => forgeTar([{ name: 'Dockerfile', data: dockerfile }]);
  const headers = { 'Content-Type': 'application/x-tar' };
  await api.call('POST', `/build?t=${prefix}built:1`, { body: context(`FROM ${image}\nENV BUILT=1\n`), headers });
  await api.call('POST', `/build?t=${prefix}built:2`, { body: context('NOSUCH instruction\n'), headers });
  await api.call('POST', '/build', { body: 'no archive', headers });
  await api.call('DELETE', `/images/${prefix}built:1`);
  await api.call('POST', `/build/prune?filters=${filters({ until: ['100h'] })}`);
  await api.call('POST', '/session');
  await api.call('POST', '/session', { headers: { Connection: 'Upgrade', Upgrade: 'h2c', 'X-Docker-Expose-Session-Uuid': `${prefix}s`, 'X-Docker-Expose-Session-Name': prefix }, forMs: 300 });
}
