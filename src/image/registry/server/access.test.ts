import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import type { Asker } from './access.ts';
import type { RegistryReply } from './exchange.ts';
import { PasswordAccess } from './password-access.ts';
import { TokenAccess } from './token-access.ts';
import { tokenPlace } from './token-place.ts';

const passwords = { verify: async (username: string, password: string) => username === 'user' && password === 'se:cret' };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const asking = (headers: Readonly<Record<string, string>>): Asker => ({ header: (name) => headers[name] });
const as = (authorization: string): Asker => asking({ authorization, host: 'registry.example:5000' });
const NOBODY = asking({ host: 'registry.example:5000' });
const pullOf = (repository: string) => ({ repository, action: 'pull' }) as const;
const pushTo = (repository: string) => ({ repository, action: 'push' }) as const;

test('by password: right ones do everything, all others nothing, and everybody pulls where that is said', async () => {
  const strict = new PasswordAccess(passwords, { realm: 'here', anonymousPull: false });
  for (const asked of [undefined, pullOf('a'), pushTo('a')]) {
    assert.equal(await strict.check(as(basic('user:se:cret')), asked), undefined);
    for (const asker of [NOBODY, as(basic('user:wrong')), as(basic('user')), as(basic('other:se:cret')), as('Basic %%%'), as('Basic gA=='), as(`Bearer ${Buffer.from('user:se:cret').toString('base64')}`)]) {
      const reply = await strict.check(asker, asked);
      assert.deepEqual([reply?.status, reply?.headers['WWW-Authenticate']], [401, 'Basic realm="here"']);
    }
  }
  const open = new PasswordAccess(passwords, { realm: 'here', anonymousPull: true });
  assert.equal(await open.check(NOBODY, pullOf('a')), undefined);
  for (const asked of [undefined, pushTo('a'), { repository: 'a', action: 'delete' } as const]) assert.equal((await open.check(NOBODY, asked))?.status, 401);
});

function world(anonymousPull = false) {
  const clock = new ManualClock();
  const sign = (text: string): string => createHmac('sha256', 'key').update(text).digest('base64url');
  const signer = { sign, verify: (text: string, signature: string) => sign(text) === signature };
  const access = new TokenAccess({ passwords, signer, clock, rules: { anonymousPull }, place: (asker) => tokenPlace(asker, true, '0.0.0.0:5000') });
  const issue = (asker: Asker, ...scopes: readonly string[]): Promise<RegistryReply> => access.issue({ ...asker, queryAll: (name) => (name === 'scope' ? scopes : []) });
  const bearer = async (asker: Asker, ...scopes: readonly string[]): Promise<Asker> => {
    const { token } = JSON.parse(new TextDecoder().decode((await issue(asker, ...scopes)).body as Uint8Array)) as { token: string };
    return as(`Bearer ${token}`);
  };
  return { access, clock, sign, issue, bearer };
}

test('by token: for the repositories and actions it was asked for, five minutes long', async () => {
  const { access, clock, bearer } = world();
  const user = as(basic('user:se:cret'));
  const both = await bearer(user, 'repository:team/a:pull,push', 'repository:b:pull');
  assert.equal(await access.check(both, undefined), undefined);
  for (const asked of [pullOf('team/a'), pushTo('team/a'), pullOf('b')]) assert.equal(await access.check(both, asked), undefined);
  for (const asked of [pushTo('b'), pullOf('team'), pullOf('a'), { repository: 'team/a', action: 'delete' } as const]) {
    assert.match((await access.check(both, asked))?.headers['WWW-Authenticate'] ?? '', /,error="insufficient_scope"$/);
  }
  assert.equal(await access.check(await bearer(user, 'repository:b:*'), { repository: 'b', action: 'delete' }), undefined);
  for (const scope of ['registry:catalog:*', 'repository:B:pull', 'repository:b', 'repository:b:admin']) assert.equal((await access.check(await bearer(user, scope), pullOf('b')))?.status, 401);
  clock.advance(299_000);
  assert.equal(await access.check(both, pullOf('b')), undefined);
  clock.advance(2000);
  assert.match((await access.check(both, pullOf('b')))?.headers['WWW-Authenticate'] ?? '', /^Bearer realm="https:\/\/registry\.example:5000\/token",service="registry\.example:5000",scope="repository:b:pull"$/);
});

test('no token for who is not known, and only to pull for nobody where that is said', async () => {
  const strict = world();
  for (const asker of [NOBODY, as(basic('user:wrong')), as('Bearer x')]) assert.equal((await strict.issue(asker, 'repository:a:pull')).status, 401);
  const { access, issue, bearer } = world(true);
  // A wrong password is a mistake to be told of, not nobody.
  assert.equal((await issue(as(basic('user:wrong')), 'repository:a:pull')).status, 401);
  const nobody = await bearer(NOBODY, 'repository:a:pull,push repository:b:*');
  assert.deepEqual(await Promise.all([pullOf('a'), pullOf('b')].map((asked) => access.check(nobody, asked))), [undefined, undefined]);
  for (const asked of [pushTo('a'), { repository: 'b', action: 'delete' } as const]) assert.equal((await access.check(nobody, asked))?.status, 401);
});

test('a token that was not made here counts as none', async () => {
  const { access, bearer, sign } = world();
  const good = (await bearer(as(basic('user:se:cret')), 'repository:a:pull')).header('authorization') ?? '';
  const [head = '', payload = '', signature = ''] = good.slice('Bearer '.length).split('.');
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const wider = encode({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()) as object, access: [{ type: 'repository', name: 'b', actions: ['push'] }] });
  const none = encode({ alg: 'none', typ: 'JWT' });
  for (const token of [`${head}.${wider}.${signature}`, `${none}.${payload}.`, `${none}.${payload}.${signature}`, `${head}.${payload}`, `${head}.${payload}.${sign(payload)}`, `${head}.${payload}.${signature}x`, '']) {
    for (const asked of [pullOf('a'), pushTo('b'), undefined]) assert.equal((await access.check(as(`Bearer ${token}`), asked))?.status, 401, token);
  }
});

test('tokens come from the host that the registry was called by, encrypted where the way to it is', () => {
  const realm = (headers: Readonly<Record<string, string>>, isTls = false): string => tokenPlace(asking(headers), isTls, '0.0.0.0:5000').realm;
  assert.equal(realm({ host: 'registry.example' }), 'http://registry.example/token');
  assert.equal(realm({ host: '[fd00::1]:5000' }, true), 'https://[fd00::1]:5000/token');
  assert.equal(realm({ host: 'registry.example', 'x-forwarded-proto': 'https' }), 'https://registry.example/token');
  assert.equal(realm({ host: 'registry.example', 'x-forwarded-proto': 'http' }, true), 'https://registry.example/token');
  for (const host of ['', 'a b', 'a",error="x', 'user@host', 'host/path', '[x]', 'host:port', 'a\nb']) assert.equal(realm({ host }), 'http://0.0.0.0:5000/token', host);
  assert.equal(realm({}), 'http://0.0.0.0:5000/token');
});
