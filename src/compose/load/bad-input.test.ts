import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { openText, type OpenedText } from '../testing/open-text.ts';

/** What a person is told: where, which part, what, and what to do. */
function refusal(yaml: string, options: OpenedText = {}): { readonly message: string; readonly hint: string } {
  try {
    openText(yaml, options);
  } catch (error) {
    assert.ok(error instanceof GantryError, String(error));
    return { message: error.message, hint: error.hint ?? '' };
  }
  return assert.fail('it was taken');
}

const WEB = 'services:\n  web:\n    image: a\n';

/** Each case: what is wrong, the file, the message, the suggestion. */
const cases: readonly (readonly [what: string, yaml: string, message: string, hint: string])[] = [
  ['an unknown key', `${WEB}    prots: [80]\n`, "/app/compose.yaml:4:5: services.web.prots: additional properties 'prots' not allowed", 'did you mean ports?'],
  ['an unknown key at the top', `${WEB}servces: {}\n`, "/app/compose.yaml:4:1: servces: additional properties 'servces' not allowed", 'did you mean services?'],
  ['a wrong type', `${WEB}    ports: 80\n`, '/app/compose.yaml:4:5: services.web.ports: must be a list, not number', 'write it as a list: [80]'],
  ['a wrong type in a list', `${WEB}    cap_add:\n      - A\n      - 1\n`, '/app/compose.yaml:6:9: services.web.cap_add.1: must be a string, not number', 'put quotes around it: "1"'],
  ['a word that is not one of those', `${WEB}    depends_on: {db: {condition: service_health}}\n  db: {image: b}\n`, "/app/compose.yaml:4:23: services.web.depends_on.db.condition: value must be one of 'service_started', 'service_healthy', 'service_completed_successfully'", 'did you mean service_healthy?'],
  ['a number out of bounds', `${WEB}    oom_score_adj: 2000\n`, '/app/compose.yaml:4:5: services.web.oom_score_adj: must be less than or equal to 1000', ''],
  ['a missing value', 'services:\n  web:\n', '/app/compose.yaml:2:3: services.web: must be a mapping, not null', 'a value is missing after the colon, or the lines below are not indented'],
  ['no YAML', 'services: [\n', '/app/compose.yaml:2:1: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]', 'compose files are YAML: check indentation, colons and quotes around this place'],
  ['no mapping', '- a\n', '/app/compose.yaml:1:1: top-level object must be a mapping, not list', 'start with `services:`'],
  ['a key twice', `${WEB}    image: b\n`, '/app/compose.yaml:4:5: services.web: mapping key "image" already defined at line 3', 'a key may stand once in a mapping: join the two'],
  ['a key that is a number', `${WEB}    environment: {1: a}\n`, '/app/compose.yaml:4:19: services.web.environment: non-string key in services.web.environment: 1', 'put quotes around it: "1"'],
  ['an alias without an anchor', `${WEB}    labels: *none\n`, '/app/compose.yaml:4:13: services.web.labels: *none refers to an anchor that is not set before it', 'write &none on the value that is meant, above this line'],
  ['an alias inside of itself', 'x-a: &a\n  b: *a\nservices: {}\n', '/app/compose.yaml:2:6: x-a.b: *a is inside the value of &a: it would contain itself', 'move the anchored part to an `x-` key at the top of the file'],
  ['a merge that goes round', `services:\n  web: &web\n    <<: *web\n    image: a\n`, '/app/compose.yaml:3:9: services.web: *web is inside the value of &web: it would contain itself', 'move the anchored part to an `x-` key at the top of the file'],
  ['a merge of a text', `${WEB}    <<: text\n`, '/app/compose.yaml:4:5: services.web: map merge requires a mapping or a sequence of mappings as the value', 'write `<<: *anchor` or `<<: [*one, *two]`'],
  ['a variable that must be set', `${WEB}    command: "\${NEEDED:?say so}"\n`, '/app/compose.yaml:4:5: services.web.command: required variable NEEDED is missing a value: say so', 'set it: in the environment, in .env or with --env-file'],
  ['a template that is none', `${WEB}    command: "\${1}"\n`, '/app/compose.yaml:4:5: services.web.command: invalid template: "${1}"', 'a `$` that is no variable is written `$$`; a variable is $NAME or ${NAME}'],
  ['a variable of a wrong type', `${WEB}    scale: "\${FROM:-many}"\n`, '/app/compose.yaml:4:5: services.web.scale: failed to cast to expected type: "many" is not a whole number', ''],
  ['no image', 'services:\n  web:\n    command: a\n', '/app/compose.yaml:2:3: services.web: service "web" has neither an image nor a build context specified', 'add image: NAME, or build: DIRECTORY'],
  ['an unknown dependency', `${WEB}    depends_on: [bd]\n  db: {image: b}\n`, '/app/compose.yaml:4:5: services.web.depends_on.bd: service "web" depends on undefined service "bd"', ''],
  ['dependencies that go round', 'services:\n  a: {image: a, depends_on: [b]}\n  b: {image: b, depends_on: [a]}\n', '/app/compose.yaml:2:17: services.a.depends_on: dependency cycle detected: a -> b -> a', 'one of these services must start without the other'],
  ['extends that goes round', 'services:\n  a: {extends: b}\n  b: {extends: a}\n', '/app/compose.yaml:2:7: services.a.extends: Circular reference:\n  a in /app/compose.yaml\n  extends b in /app/compose.yaml\n  extends a in /app/compose.yaml', 'one of these services must not extend'],
  ['an unknown service to extend', `${WEB}    extends: {service: base}\n`, '/app/compose.yaml:4:5: services.web.extends: cannot extend service "web" in /app/compose.yaml: service "base" not found', 'services there: web'],
  ['an unknown network', `${WEB}    networks: [back]\nnetworks: {front: }\n`, '/app/compose.yaml:4:5: services.web.networks.back: service "web" refers to undefined network back', 'declare it under networks at the top of the file; declared are front'],
  ['an unknown volume', `${WEB}    volumes: ["data:/data"]\n`, '/app/compose.yaml:4:15: services.web.volumes.0: service "web" refers to undefined volume data', 'declare it under volumes at the top of the file, or write ./data for a directory'],
  ['an unknown secret', `${WEB}    secrets: [key]\n`, '/app/compose.yaml:4:15: services.web.secrets.0: service "web" refers to undefined secret key', 'declare it under secrets at the top of the file'],
  ['a secret of nothing', `${WEB}secrets:\n  key: {}\n`, '/app/compose.yaml:5:3: secrets.key: one of file, environment must be set', 'add file or environment, or external: true'],
  ['a missing env file', `${WEB}    env_file: none\n`, 'env file /app/none not found: stat /app/none: no such file or directory', 'create it, or write required: false'],
  ['a port out of range', `${WEB}    ports:\n      - "80:70000"\n`, '/app/compose.yaml:5:9: services.web.ports.0: invalid containerPort: 70000', 'write [[IP:]PUBLISHED:]TARGET[/PROTOCOL], ports or ranges such as 8000-8010'],
  ['ranges of different lengths', `${WEB}    ports: ["1-3:1-2"]\n`, '/app/compose.yaml:4:13: services.web.ports.0: invalid ranges specified for container and host Ports: 1-2 and 1-3', 'both ranges need the same length, or the target is one port'],
  ['two mounts at one place', `${WEB}    tmpfs: [/x]\n    volumes: ["/a:/x"]\n`, '/app/compose.yaml:5:15: services.web.volumes.0: target /x already mounted as services.web.tmpfs[0]', 'mount each target once'],
  ['a duration without a unit', `${WEB}    stop_grace_period: "10"\n`, '/app/compose.yaml:4:5: services.web.stop_grace_period: invalid duration: 10', 'write a number with a unit: 30s, 1m30s, 2h'],
  ['a name that starts with a dash and a path', 'services:\n  ../x: {image: a}\n', "/app/compose.yaml:2:3: services.../x: additional properties '../x' not allowed", 'names are made of letters, digits, dots, underscores and hyphens'],
  ['an included file that is far away', `include: ["https://example.org/x.git"]\n${WEB}`, "/app/compose.yaml:1:11: include.0: can't include https://example.org/x.git: only local files are included", 'fetch it first, look at it, and include the copy'],
  ['an artifact of a registry', `include: ["oci://example.org/../x"]\n${WEB}`, "/app/compose.yaml:1:11: include.0: can't include oci://example.org/../x: only local files are included", 'fetch it first, look at it, and include the copy'],
  ['an included file that is not there', `include: [../../etc/none.yaml]\n${WEB}`, '/app/compose.yaml:1:11: include.0: open /etc/none.yaml: no such file or directory', 'paths of include start at /app'],
  ['a base that is far away', `${WEB}    extends: {file: "git@example.org:x", service: y}\n`, "/app/compose.yaml:4:15: services.web.extends.file: can't extend from git@example.org:x: only local files are read", 'fetch it first, look at it, and extend from the copy'],
];

describe('a refusal says where, what, and what to do', () => {
  for (const [what, yaml, message, hint] of cases) {
    test(what, () => assert.deepEqual(refusal(yaml), { message, hint }));
  }
});

test('all faults of a file are told at once, each with its place', () => {
  assert.equal(refusal('services:\n  a: {imag: x}\n  b: {ports: 1}\n').message, [
    "/app/compose.yaml:2:7: services.a.imag: additional properties 'imag' not allowed (did you mean image?)",
    '/app/compose.yaml:3:7: services.b.ports: must be a list, not number (write it as a list: [1])',
  ].join('\n'));
});

test('the second file is named when the fault is in it', () => {
  const files = { '/app/b.yaml': 'services:\n  web:\n    ports:\n      a: b\n' };
  assert.match(refusal(`${WEB}    ports: [80]\n`, { files, composeFiles: ['compose.yaml', 'b.yaml'] }).message, /^\/app\/b\.yaml:3:5: services\.web\.ports: cannot override/);
});

test('include that goes round names the way', () => {
  const files = { '/app/a.yaml': 'include: [b.yaml]\n', '/app/b.yaml': 'include: [a.yaml]\n' };
  assert.match(refusal(`include: [a.yaml]\n${WEB}`, { files }).message, /^\/app\/b\.yaml:1:11: include\.0: include cycle detected:\n\/app\/compose\.yaml\n include \/app\/a\.yaml\n include \/app\/b\.yaml\n include \/app\/a\.yaml$/);
});

test('a bomb of aliases is refused before it goes off', () => {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x]', ...[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)];
  const started = performance.now();
  assert.match(refusal(`x-bomb:\n  ${levels.join('\n  ')}\nservices: {}\n`).message, /the aliases of this file stand for more than 200000 values$/);
  assert.ok(performance.now() - started < 5000);
});

test('keys, depth and files have bounds', () => {
  assert.match(refusal(`? "${'k'.repeat(10_000_000)}"\n: a\n`).message, /a key has 10000000 characters, more than 4096$/);
  assert.match(refusal(`x: ${'['.repeat(300)}${']'.repeat(300)}\n`).message, /is nested more than 200 levels deep/);
  assert.match(refusal(`# ${'x'.repeat(17 << 20)}\n`).message, /the file has \d+ characters, more than 16777216$/);
});

test('S-801 a compose file that is far away is not fetched, by whatever name', () => {
  for (const path of ['oci://example.org/../x', 'https://example.org/x.git', 'git@example.org:x/y.git', 'https://example.org/x.git#main:../../etc', 'ssh://-oProxyCommand=x/y']) {
    const files = { '/etc/compose.yaml': WEB, '/app/x.git': WEB };
    assert.deepEqual(refusal(WEB, { files, composeFiles: ['compose.yaml', path] }), { message: `can't read ${path}: only local files are read`, hint: 'fetch it first, look at it, and name the copy' });
  }
});

test('S-802 what a file points to is read from the disk, never fetched; ways up are the author\'s own', () => {
  const far = (yaml: string): string => refusal(yaml).message;
  assert.equal(far(`${WEB}    env_file: "https://example.org/x"\n`), 'env file /app/https:/example.org/x not found: stat /app/https:/example.org/x: no such file or directory');
  assert.match(far(`${WEB}    extends: {file: "oci://example.org/x", service: y}\n`), /can't extend from oci:\/\/example\.org\/x: only local files are read$/);
  const project = openText(`${WEB}    env_file: ../other/env\n    configs: [c]\n    build: {context: ../other}\nconfigs: {c: {file: "../other/c"}, far: {file: "https://example.org/c"}}\n`, { files: { '/other/env': 'A=b\n' } });
  assert.equal(project.services.get('web')?.environment?.get('A'), 'b');
  assert.equal(project.services.get('web')?.build?.context, '/other');
  assert.equal(project.configs.get('c')?.file, '/other/c');
  assert.equal(project.configs.get('far')?.file ?? '/app/https:/example.org/c', '/app/https:/example.org/c');
});

test('S-805 names that would lead elsewhere are refused; one with a hyphen first is a name, as the specification has it', () => {
  assert.deepEqual([...openText('services: {-x: {image: a}}\n').services.keys()], ['-x']);
  for (const name of ['../x', '"a b"', '"a/b"', '""']) assert.match(refusal(`services:\n  ${name}: {image: a}\n`).message, /additional properties .* not allowed|non-string/, name);
});

test('S-806 what git would take for an option stays an address', () => {
  const project = openText(`services:\n  web: {build: {context: "https://example.org/x.git#--upload-pack=y:../.."}}\n`);
  assert.equal(project.services.get('web')?.build?.context, 'https://example.org/x.git#--upload-pack=y:../..');
  assert.match(refusal(`include: ["git@example.org:--upload-pack=y"]\n${WEB}`).message, /only local files are included$/);
});

test('project names', () => {
  assert.match(refusal(WEB, { projectName: '../x' }).message, /invalid project name "\.\.\/x"/);
  assert.match(refusal(WEB, { projectName: '-x' }).message, /invalid project name "-x"/);
  assert.equal(openText(WEB, { projectName: '__proto__'.replaceAll('_', '') }).name, 'proto');
});

test('names that JavaScript knows are names like others', () => {
  const project = openText('services: {__proto__: {image: a, environment: {__proto__: b}}, constructor: {image: c}}\nx-__proto__: {polluted: true}\n');
  assert.deepEqual([...project.services.keys()], ['__proto__', 'constructor']);
  assert.equal(project.services.get('__proto__')?.environment?.get('__proto__'), 'b');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('what a template says is never run', () => {
  assert.deepEqual(openText(`${WEB}    command: ["$$(id)", "\`id\`", "\${A:-$$(id)}"]\n`).services.get('web')?.command, ['$(id)', '`id`', '$(id)']);
});
