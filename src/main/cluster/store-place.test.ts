import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { parseStorePlace } from './store-place.ts';

test('a store is a file, or an etcd with or without TLS', () => {
  assert.deepEqual(parseStorePlace({ url: 'file' }), { kind: 'file' });
  assert.deepEqual(parseStorePlace({ url: 'etcd://127.0.0.1:2379' }), { kind: 'etcd', endpoints: ['http://127.0.0.1:2379'], base: '/', files: {} });
  assert.deepEqual(parseStorePlace({ url: 'https://a:2379,[::1]:2380/clusters/one/' }), { kind: 'etcd', endpoints: ['https://a:2379', 'https://[::1]:2380'], base: '/clusters/one/', files: {} });
  assert.deepEqual(parseStorePlace({ url: 'etcd://a:2379', ca: '/ca.pem' }), { kind: 'etcd', endpoints: ['https://a:2379'], base: '/', files: { ca: '/ca.pem' } });
});

test('what is none is refused with its reason', () => {
  const refused: [Parameters<typeof parseStorePlace>[0], RegExp][] = [
    [{ url: '' }, /is no store/], [{ url: 'mysql://a:1' }, /is no store/], [{ url: 'etcd://' }, /is no store/], [{ url: 'etcd://user@a:1' }, /is no store/], [{ url: 'etcd://a:1/x y' }, /is no store/],
    [{ url: 'etcd://a' }, /is no host with a port/], [{ url: 'etcd://a:1,b' }, /"b" is no host/], [{ url: 'etcd://a:99999' }, /is no host/],
    [{ url: 'https://a:1', cert: 'c' }, /go together/], [{ url: 'http://a:1', ca: 'c' }, /for https/], [{ url: 'file', ca: 'c' }, /not for a file/],
  ];
  for (const [request, message] of refused) assert.throws(() => parseStorePlace(request), (error) => isKind(error, 'invalid') && message.test(error.message), JSON.stringify(request));
});
