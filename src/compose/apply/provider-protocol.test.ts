import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providedServices, withProvided } from '../model/provided.ts';
import { planProviders } from '../plan/plan-providers.ts';
import { renderPlan } from '../plan/plan.ts';
import { openText } from '../testing/open-text.ts';
import { providerArguments, readMetadata, readProviderMessage } from './provider-protocol.ts';

const project = openText(`services:
  web: {image: w, depends_on: [db, cache], environment: {DB_URL: mine, OWN: "1"}}
  other: {image: o, depends_on: [web]}
  db: {provider: {type: cloud, options: {size: 256, tag: [a, "b c"], name: db}}, depends_on: [net]}
  net: {provider: {type: cloud}}
  cache: {image: c}
`);
const db = project.services.get('db') ?? {};

test('options are arguments, a list as several', () => {
  assert.deepEqual(providerArguments('app', 'db', db, 'up', undefined), ['compose', '--project-name=app', 'up', '--size=256', '--tag=a', '--tag=b c', '--name=db', 'db']);
});

test('a program that says what it knows gets nothing else, and all that it needs', () => {
  const metadata = readMetadata('{"description": "d", "up": {"parameters": [{"name": "size", "required": true}]}, "down": {"parameters": [{"name": "force", "required": true}]}}');
  assert.deepEqual(providerArguments('app', 'db', db, 'up', metadata), ['compose', '--project-name=app', 'up', '--size=256', 'db']);
  assert.throws(() => providerArguments('app', 'db', db, 'down', metadata), { kind: 'invalid', message: /required parameter "force" is missing from provider "cloud" definition/ });
  for (const none of ['', '{}', '[]', 'no json', 'null', '1']) assert.equal(readMetadata(none), undefined, none);
  assert.deepEqual(readMetadata('{"up": {"parameters": [1, {"name": 2}, {"name": "x"}]}}'), { up: [{ name: 'x', required: false }], down: [] });
});

test('messages are read, and what is none is refused', () => {
  assert.deepEqual(readProviderMessage('{"type": "info", "message": "25%"}'), { type: 'info', message: '25%' });
  assert.deepEqual(readProviderMessage('{"type": "setenv", "message": "URL=a=b"}'), { type: 'setenv', name: 'URL', value: 'a=b' });
  assert.throws(() => readProviderMessage('{"type": "error", "message": "no room"}'), { kind: 'unavailable', message: 'no room' });
  for (const wrong of ['', 'text', '[]', '{"type": "info"}', '{"type": "shout", "message": "x"}', '{"type": "setenv", "message": "URL"}', '{"type": "info", "message": 1}']) {
    assert.throws(() => readProviderMessage(wrong), { kind: 'invalid', message: /invalid response from plugin/ }, wrong);
  }
});

test('providers come in the order of their dependencies, and their variables are those of who depends on them', () => {
  assert.deepEqual(renderPlan(planProviders(project)).trimEnd().split('\n'), ['[1]: Service net: provide by cloud (a provider runs it)', '[2] after 1: Service db: provide by cloud (a provider runs it)']);
  assert.deepEqual(providedServices(project), ['net', 'db']);
  const after = withProvided(project, new Map([['db', new Map([['URL', 'theirs'], ['USER', 'u']])], ['net', new Map([['ID', '7']])]]));
  assert.deepEqual([...after.services.keys()].toSorted(), ['cache', 'other', 'web']);
  assert.deepEqual([...after.services.get('web')?.environment ?? []], [['DB_URL', 'theirs'], ['OWN', '1'], ['DB_USER', 'u']]);
  assert.equal(after.services.get('other')?.environment, project.services.get('other')?.environment);
  assert.ok(after.disabled.has('db'));
  const plain = openText('services: {web: {image: w}}');
  assert.equal(withProvided(plain, new Map()), plain);
});
