import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyEnvironment, usesProxy } from './proxy-choice.ts';

test('which requests go through a proxy', () => {
  const proxies = proxyEnvironment({ HTTPS_PROXY: 'http://p', http_proxy: 'http://q', NO_PROXY: 'direct.example, .inner.example *.star.example,port.example:5000' });
  assert.deepEqual([proxies.httpsProxy, proxies.httpProxy], ['http://p', 'http://q']);
  for (const [url, isProxied] of [
    ['https://r.example/v2/', true], ['http://r.example/v2/', true], ['https://direct.example/', false], ['https://a.direct.example/', false], ['https://notdirect.example/', true],
    ['https://a.inner.example/', false], ['https://a.star.example/', false], ['http://port.example:5000/', false], ['http://port.example/', true],
    ['https://127.0.0.9:5000/', false], ['https://localhost/', false], ['http://[::1]:5000/', false],
  ] as const) assert.equal(usesProxy(new URL(url), proxies), isProxied, url);
  assert.equal(usesProxy(new URL('https://r.example'), proxyEnvironment({ HTTPS_PROXY: 'http://p', NO_PROXY: '*' })), false);
  assert.equal(usesProxy(new URL('https://r.example'), proxyEnvironment({ HTTP_PROXY: 'http://p' })), false);
});
