import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openText } from '../testing/open-text.ts';
import { MemoryFiles } from '../testing/memory-files.ts';
import { artifactFiles, artifactManifest, readArtifactManifest, type ArtifactFile } from './artifact-format.ts';
import { exposureOf } from './publishable.ts';
import { checkPublished, publishedFiles } from './published-files.ts';
import { hasIncludes } from './renamed-paths.ts';

const hasher = { sha256: (bytes: Uint8Array) => new TextDecoder().decode(bytes).replaceAll('/', '_') };
const gather = (files: Readonly<Record<string, string>>, ...names: readonly string[]): ArtifactFile[] => publishedFiles({ directory: '/app', composeFiles: names.map((name) => `/app/${name}`), files: new MemoryFiles(files), hasher });
const DIGEST = `sha256:${'0'.repeat(64)}`;
const FACTS = { created: '2026-01-01T00:00:00Z', ociVersion: '1.1', composeVersion: '2.40.3' } as const;

test('files that services name go along, under other names; all else stays as it is written', () => {
  const files = gather({
    '/app/compose.yaml': '# top\nservices:\n  a: {extends: {file: "bases/one.yaml", service: x}, env_file: [a.env, {path: ./b.env, required: false}]} # end\n  b:\n    extends: # a comment\n      service: y\n      file: bases/one.yaml\n    env_file: gone.env\n  c: {extends: a}\n',
    '/app/more.yaml': 'services: {a: {env_file: a.env}}\n',
    '/app/bases/one.yaml': 'services: {x: {extends: {file: two.yaml, service: z}}, y: {extends: {file: ./one.yaml, service: x}}}\n',
    '/app/bases/two.yaml': 'services: {z: {image: z, env_file: ../a.env}}\n',
    '/app/a.env': 'A=1\n', '/app/b.env': 'B=2\n',
  }, 'compose.yaml', 'more.yaml');
  assert.deepEqual(files.map(({ kind, name, text }) => `${kind} ${name}: ${text}`), [
    'compose compose.yaml: # top\nservices:\n  a: {extends: {file: _app_bases_one.yaml.yaml, service: x}, env_file: [_app_a.env.env, {path: _app_b.env.env, required: false}]} # end\n  b:\n    extends: # a comment\n      service: y\n      file: _app_bases_one.yaml.yaml\n    env_file: gone.env\n  c: {extends: a}\n',
    'compose more.yaml: services: {a: {env_file: _app_a.env.env}}\n',
    'base _app_bases_one.yaml.yaml: services: {x: {extends: {file: _app_bases_two.yaml.yaml, service: z}}, y: {extends: {file: _app_bases_one.yaml.yaml, service: x}}}\n',
    'base _app_bases_two.yaml.yaml: services: {z: {image: z, env_file: _app_a.env.env}}\n',
    'env _app_a.env.env: A=1\n', 'env _app_b.env.env: B=2\n',
  ]);
});

test('what depends on variables, or is not there, is not published', () => {
  assert.throws(() => gather({ '/app/c.yaml': 'services: {a: {extends: {file: "${X}.yaml", service: b}}}\n' }, 'c.yaml'), /\$\{X\}\.yaml depends on variables/);
  assert.throws(() => gather({ '/app/c.yaml': 'services: {a: {extends: {file: b.yaml, service: b}}}\n' }, 'c.yaml'), /open \/app\/b\.yaml: no such file/);
  const options = { cwd: '/', envFiles: [], composeFiles: [], projectDirectory: '', projectName: 'p', profiles: [], readStdin: () => '', warn: () => {}, files: new MemoryFiles({}), environment: new Map<string, string>() };
  const behindAnchor = gather({ '/app/c.yaml': 'x-base: &b {env_file: a.env}\nservices: {a: {<<: *b, image: i}}\n', '/app/a.env': 'A=1\n' }, 'c.yaml');
  assert.throws(() => checkPublished(behindAnchor, options, new Map()), /could not be read by others: [^]*a\.env/);
  checkPublished(gather({ '/app/c.yaml': 'services: {a: {env_file: a.env, image: "${I:-i}"}}\n', '/app/a.env': 'A=1\n' }, 'c.yaml'), options, new Map());
});

test('what others would see is found', () => {
  const of = (yaml: string, includes = false) => exposureOf(openText(yaml, { files: { '/app/a.env': 'A=1' }, resolveEnvironment: false }), includes);
  assert.deepEqual(of('services: {a: {image: i}}\n'), { refusal: undefined, variables: [], binds: [] });
  assert.deepEqual(of('services: {a: {image: i, env_file: a.env, environment: {A: b}, volumes: ["./x:/y"]}}\n'), { refusal: undefined, variables: ['service "a" has env_file declared.', 'service "a" has environment variable(s) declared.'], binds: ['a: /app/x:/y'] });
  assert.match(of('services: {a: {build: .}, b: {build: ., image: i}}\n').refusal ?? '', /only contains a build section for service\(s\):\n- "a"$/);
  assert.equal(of('services: {a: {image: i}}\n', true).refusal, 'cannot publish compose file with local includes');
  assert.deepEqual([hasIncludes('include: [a]\nservices: {}\n'), hasIncludes('services: {include: {image: i}}\n')], [true, false]);
});

test('a manifest is read as it was written, in both versions of its format', () => {
  const layers = [{ kind: 'compose', name: 'compose.yaml', digest: DIGEST, size: 3 }, { kind: 'base', name: 'b.yaml', digest: DIGEST, size: 4 }, { kind: 'env', name: 'e.env', digest: DIGEST, size: 5 }] as const;
  for (const ociVersion of ['1.0', '1.1'] as const) assert.deepEqual(readArtifactManifest(artifactManifest(layers, { ...FACTS, ociVersion }), 'r'), layers);
});

test('S-801 names in a manifest are no paths, and its files have bounds', () => {
  const written = JSON.parse(artifactManifest([{ kind: 'compose', name: 'compose.yaml', digest: DIGEST, size: 3 }], FACTS)) as Record<string, unknown> & { layers: { annotations: Record<string, string> }[] };
  const withLayer = (more: object): string => JSON.stringify({ ...written, layers: [...written.layers, { ...written.layers[0], ...more }] });
  for (const name of ['../x', '/etc/passwd', 'a/b', '..', '.bashrc', 'a\0b', '', 'x'.repeat(300)]) {
    assert.throws(() => readArtifactManifest(withLayer({ annotations: { 'com.docker.compose.file': name, 'com.docker.compose.extends': 'true' } }), 'r'), /is no name for one of its files/, name);
    assert.throws(() => readArtifactManifest(withLayer({ mediaType: 'application/vnd.docker.compose.envfile', annotations: { 'com.docker.compose.envfile': name } }), 'r'), /is no name for one of its files/, name);
  }
  assert.throws(() => readArtifactManifest(withLayer({ size: 5 << 20 }), 'r'), /more, or larger, files/);
  assert.throws(() => readArtifactManifest(JSON.stringify({ ...written, layers: Array.from({ length: 201 }, () => written.layers[0]) }), 'r'), /more, or larger, files/);
  for (const [text, why] of [['{', 'no JSON'], ['[]', 'no manifest'], ['{"config":{},"layers":[]}', 'its type is "none"'], [JSON.stringify({ ...written, artifactType: 'x' }), 'its type is "x"'], [JSON.stringify({ ...written, layers: [] }), 'no compose file'], [withLayer({ size: -1 }), 'no digest and size']] as const) {
    assert.throws(() => readArtifactManifest(text, 'r'), new RegExp(`r is no compose application: .*${why}`));
  }
  assert.throws(() => artifactFiles([{ kind: 'compose', name: 'c', text: '' }, { kind: 'base', name: 'compose.yaml', text: '' }]), /two files called compose\.yaml/);
});

test('its compose files are documents of one', () => {
  assert.deepEqual([...artifactFiles([{ kind: 'compose', name: 'a.yaml', text: 'a' }, { kind: 'compose', name: 'b.yaml', text: 'b' }, { kind: 'env', name: 'e.env', text: 'e' }])], [['compose.yaml', 'a\n---\nb'], ['e.env', 'e']]);
});
