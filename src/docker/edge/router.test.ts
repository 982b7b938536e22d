import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';

const router = new Router(ROUTES);
const handlerOf = (operation: string) => ROUTES.find(({ method, pattern }) => `${method} ${pattern}` === operation)?.handler;

test('paths find their operation and name', () => {
  for (const [method, path, operation, name] of [
    ['GET', '/containers/json', 'GET /containers/json', ''], ['GET', '/containers/json/json', 'GET /containers/{name}/json', 'json'], ['GET', '/images/a/b/c:1/json', 'GET /images/{name}/json', 'a/b/c:1'],
    ['GET', '/images/get', 'GET /images/get', ''], ['GET', '/images/get/get', 'GET /images/{name}/get', 'get'], ['DELETE', '/images/host:5000/a@sha256:0', 'DELETE /images/{name}', 'host:5000/a@sha256:0'],
    ['GET', '/networks/', 'GET /networks/', ''], ['GET', '/networks/n', 'GET /networks/{name}', 'n'], ['POST', '/containers/x/attach', 'POST /containers/{name}/attach', 'x'],
  ] as const) {
    const match = router.find(method, path);
    assert.equal(match?.handler, handlerOf(operation), path);
    assert.equal(match?.name, name);
  }
});

test('paths that are none', () => {
  for (const [method, path] of [['GET', '/'], ['GET', ''], ['GET', '/containers'], ['GET', '/containers//json'], ['POST', '/containers/json'], ['GET', '/containers/x/json/'], ['GET', '/volumes/'], ['PATCH', '/info']] as const) {
    assert.equal(router.find(method, path), undefined, `${method} ${path}`);
  }
});
