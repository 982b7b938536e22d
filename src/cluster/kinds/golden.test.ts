import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { parseDocument } from 'yaml';
import { debianSources, GO_SOURCES } from '../../../tools/test-run/debian-sources.ts';
import { messageNameOf } from './api-groups.ts';
import { decodeMessage } from './proto-decode.ts';
import { encodeMessage } from './proto-encode.ts';
import { openEnvelope, sealEnvelope, type Envelope } from './proto-envelope.ts';
import { schemaPackages } from './schema-packages.ts';
import { SchemaSet } from './schema-set.ts';
import { unknownFields } from './unknown-fields.ts';

const root = new URL('../../..', import.meta.url).pathname;
const sources = debianSources(root, 'golang-k8s-api-dev');
const folder = sources.missing === false ? join(sources.path, GO_SOURCES, 'k8s.io/api/testdata') : '';
const schemas = new SchemaSet(schemaPackages);

const read = (path: string): JsonObject => JSON.parse(readFileSync(path, 'utf8')) as JsonObject;
const plain = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;
const withoutType = ({ apiVersion: _version, kind: _kind, ...rest }: JsonObject): JsonObject => rest;

/** Go writes a struct that holds nothing as `{}`; none means the same, except behind a pointer, which these are not. */
const isEmpty = (value: Json): boolean => value === null || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);
const withoutEmpty = (value: Json): Json => JSON.parse(JSON.stringify(value), (_key, each: Json) => isEmpty(each) ? undefined : each) as Json;

/** A watch event has no type of its own. */
function nameOf({ apiVersion, kind }: Envelope, path: string): string | undefined {
  return kind === '' && path.endsWith('WatchEvent.json') ? 'meta.v1.WatchEvent' : messageNameOf(apiVersion, kind);
}

function goldens(release: string): string[] {
  return sources.missing === false ? globSync(`${release}/*.json`, { cwd: folder }).filter((path) => !path.includes('after_roundtrip') && existsSync(join(folder, path.replace(/json$/, 'pb')))).sort() : [];
}

test('every golden object of the present release is the same in JSON and protobuf', { skip: sources.missing }, () => {
  const paths = goldens('HEAD');
  assert.ok(paths.length >= 180, `${paths.length} golden objects`);
  const faults: string[] = [];
  for (const path of paths) {
    const json = read(join(folder, path));
    const bytes = readFileSync(join(folder, path.replace(/json$/, 'pb')));
    try {
      const envelope = openEnvelope(schemas, bytes);
      assert.deepEqual([envelope.apiVersion, envelope.kind], [json['apiVersion'] ?? '', json['kind'] ?? '']);
      const name = nameOf(envelope, path);
      assert.ok(name !== undefined, 'its message is known');
      assert.deepEqual(plain(decodeMessage(schemas, name, envelope.raw)), withoutType(json));
      const encoded = sealEnvelope(schemas, { ...envelope, raw: encodeMessage(schemas, name, withoutType(json)) });
      assert.ok(bytes.equals(encoded), 'the bytes are the same');
      assert.deepEqual(unknownFields(schemas, name, json), []);
      assert.deepEqual(parseDocument(readFileSync(join(folder, path.replace(/json$/, 'yaml')), 'utf8'), { intAsBigInt: false }).toJS(), json, 'the YAML says the same');
    } catch (thrown) {
      faults.push(`${basename(path)}: ${String((thrown as Error).message).slice(0, 1200)}`);
    }
  }
  assert.equal(faults.length, 0, faults.slice(0, 5).join('\n'));
});

test('objects that earlier releases wrote are read as they were meant', { skip: sources.missing }, () => {
  const releases = sources.missing === false ? globSync('v1.*', { cwd: folder }).sort() : [];
  assert.ok(releases.length >= 3, `${releases.length} earlier releases`);
  let count = 0;
  const faults: string[] = [];
  for (const path of releases.flatMap(goldens)) {
    const later = join(folder, path.replace(/\.json$/, '.after_roundtrip.json'));
    const json = read(existsSync(later) ? later : join(folder, path));
    const envelope = openEnvelope(schemas, readFileSync(join(folder, path.replace(/json$/, 'pb'))));
    const name = nameOf(envelope, path);
    if (name === undefined || schemas.find(name) === undefined) continue;
    count += 1;
    try {
      assert.deepEqual(withoutEmpty(decodeMessage(schemas, name, envelope.raw)), withoutEmpty(withoutType(json)));
    } catch (thrown) {
      faults.push(`${path}: ${String((thrown as Error).message).slice(0, 800)}`);
    }
  }
  assert.ok(count >= 500, `${count} objects`);
  assert.equal(faults.length, 0, `${faults.length}: ${faults.slice(0, 5).join('\n')}`);
});
