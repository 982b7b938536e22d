import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { captureCli } from '../src/cli/testing/capture.ts';
import { ownCommands } from '../src/main/own-commands.ts';
import { debianSources, GO_SOURCES } from '../tools/test-run/debian-sources.ts';
import { composeGoCorpus, type CorpusCase } from './compose/corpus.ts';
import { byChance, knownDifferences } from './compose/known-differences.ts';
import { schemaDifferences } from './compose/schema-difference.ts';
import { composeShape } from '../src/compose/schema/compose-shape.ts';

/** `docker compose config` and ours over the same files: the same bytes, or both refuse. */

const root = new URL('..', import.meta.url).pathname;
const program = debianSources(root, 'docker-compose');
const library = debianSources(root, 'golang-github-compose-spec-compose-go-dev');
const skip = program.missing || library.missing;
const scratch = mkdtempSync('/tmp/gantry-test-');
const home = join(scratch, 'home');
mkdirSync(home);
after(() => rmSync(scratch, { recursive: true, force: true }));

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const environment = (directory: string): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: home, PWD: directory, FROM_ENV: 'of the environment' });

function theirs(directory: string, args: readonly string[]): Promise<Answer> {
  const path = join(program.path ?? '', 'usr/libexec/docker/cli-plugins/docker-compose');
  return new Promise((resolve) => {
    execFile(path, args, { cwd: directory, env: environment(directory), maxBuffer: 16 << 20 }, (error, out, err) => resolve({ code: error === null ? 0 : 1, out, err }));
  });
}

async function ours(directory: string, args: readonly string[]): Promise<Answer> {
  process.chdir(directory);
  const { code, stdout, stderr } = await captureCli(['compose', ...args], { env: environment(directory), extraCommands: ownCommands });
  return { code, out: stdout, err: stderr };
}

/** What differs, or undefined. */
async function difference(directory: string, args: readonly string[]): Promise<string | undefined> {
  const [their, our] = [await theirs(directory, args), await ours(directory, args)];
  if ((their.code === 0) !== (our.code === 0)) return `docker compose: ${their.code} ${their.err}\nours: ${our.code} ${our.err}`;
  if (their.code !== 0 || their.out === our.out) return undefined;
  return `docker compose:\n${their.out}\nours:\n${our.out}`;
}

describe('every file of the library\'s tests', { skip }, () => {
  const corpus = skip === false ? composeGoCorpus(join(library.path ?? '', GO_SOURCES), scratch) : [];
  for (const flags of [[], ['--hash', '*']]) {
    test(`config ${flags.join(' ')}`, async () => {
      const found = await compareAll(corpus, flags);
      assert.deepEqual([...found].filter(([name]) => !knownDifferences.has(name) && !byChance.has(name)), []);
      const gone = [...knownDifferences.keys()].filter((name) => name.endsWith(flags.join(' ')) && corpus.some((entry) => [entry.name, ...flags].join(' ') === name) && !found.has(name));
      assert.deepEqual(gone, [], 'a difference that is gone leaves the list');
      assert.ok(corpus.length > 300, 'the package has its fixtures');
    });
  }
});

/** Several of theirs at a time: each is a process of its own. */
async function compareAll(corpus: readonly CorpusCase[], flags: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const waiting = [...corpus];
  const work = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const different = await difference(entry.directory, ['-f', entry.file, '--profile', '*', 'config', ...flags]);
      if (different !== undefined) found.set([entry.name, ...flags].join(' '), different);
    }
  };
  await Promise.all([work(), work(), work()]);
  return found;
}

test('our shapes know the keys of the specification, and no others', { skip: library.missing }, () => {
  const schema = JSON.parse(readFileSync(join(library.path ?? '', GO_SOURCES, 'github.com/compose-spec/compose-go/schema/compose-spec.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual(schemaDifferences(schema, composeShape), []);
});

/** Files of one case by their paths, and the arguments that both get. */
interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly fails?: true;
}

const WEB = 'services:\n  web:\n    image: web\n';

const cases: Readonly<Record<string, Case>> = {
  'override files are found and laid over': {
    files: { 'compose.yaml': 'services: {web: {image: a, ports: ["80"], environment: {A: 1, B: 2}, command: [a], labels: [x=1]}}', 'compose.override.yml': 'services: {web: {ports: ["81:81/udp"], environment: [B=3, C], command: null, labels: {x: 2, y: true}}}' },
    args: ['config'],
  },
  'reset and override': {
    files: { 'a.yaml': 'services: {web: {image: a, ports: ["80:80", "81:81"], environment: {A: 1}, volumes: ["./x:/x"], cap_add: [ALL]}}', 'b.yaml': 'services:\n  web:\n    ports: !override ["90:90"]\n    environment: !reset null\n    cap_add: !reset []\n' },
    args: ['-f', 'a.yaml', '-f', 'b.yaml', 'config'],
  },
  'the environment wins over .env, a later env file over an earlier one': {
    files: { 'compose.yaml': 'services: {web: {image: "${FROM_ENV}", command: ["$A", "${B:-b}", "${C-c}", "${D:+d}", "$$E"]}}', '.env': 'FROM_ENV=of the file\nA=1\n', one: 'A=2\nB=2\n', two: 'B=3\nD="$A"\n' },
    args: ['--env-file', 'one', '--env-file', 'two', 'config'],
  },
  'env files of services': {
    files: { 'compose.yaml': 'services: {web: {image: a, env_file: [one, {path: two, required: false}, {path: none, required: false}], environment: {Z: "1", A: , FROM_ENV: }}}', one: 'A=1\nB="two words" \nC=$A-${NOPE:-none}\nexport D=\'$A\'\n# comment\nE=a #c\n', two: 'A=2\nF="a\\nb\\t$B"\nFROM_ENV\n' },
    args: ['config'],
  },
  'an env file that must be there': { files: { 'compose.yaml': 'services: {web: {image: a, env_file: none}}' }, args: ['config'], fails: true },
  'profiles by flag, and by name of a service': {
    files: { 'compose.yaml': 'services: {web: {image: a}, tool: {image: b, profiles: [tools], depends_on: [db]}, db: {image: c, profiles: [data, tools]}}' }, args: ['config', 'tool'],
  },
  'profiles of the environment file': { files: { 'compose.yaml': 'services: {web: {image: a}, tool: {image: b, profiles: [tools]}}', '.env': 'COMPOSE_PROFILES=tools' }, args: ['config'] },
  'a dependency that is not active': { files: { 'compose.yaml': 'services: {web: {image: a, depends_on: [db]}, db: {image: c, profiles: [data]}}' }, args: ['config'], fails: true },
  'a dependency that is not required': { files: { 'compose.yaml': 'services: {web: {image: a, depends_on: {db: {condition: service_healthy, required: false}}}, db: {image: c, profiles: [data]}}' }, args: ['config'] },
  'extends from a file, with its paths': {
    files: { 'compose.yaml': 'services: {web: {extends: {file: sub/base.yaml, service: base}, environment: {B: 2}, ports: ["81:81"]}}', 'sub/base.yaml': 'services: {base: {extends: root, build: ., volumes: ["./data:/data"], environment: {A: 1}, ports: ["80:80"], env_file: e}, root: {image: root, labels: {a: b}, develop: {watch: [{path: ./src, action: rebuild}]}}}', 'sub/e': 'E=1' },
    args: ['config'],
  },
  'extends that goes in a circle': { files: { 'compose.yaml': 'services: {a: {extends: b, image: x}, b: {extends: a}}' }, args: ['config'], fails: true },
  include: {
    files: { 'compose.yaml': 'include: [sub/compose.yaml, {path: [other/a.yaml, other/b.yaml], project_directory: other, env_file: other/e}]\nservices: {web: {image: a, depends_on: [inner]}}', 'sub/compose.yaml': 'services: {inner: {image: "${X:-none}", volumes: ["./data:/data"]}}\nnetworks: {n: }', 'sub/.env': 'X=of sub', 'other/a.yaml': 'services: {second: {image: "${Y}", build: .}}', 'other/b.yaml': 'services: {second: {labels: {l: m}}}', 'other/e': 'Y=of other' },
    args: ['config'],
  },
  'include that goes in a circle': { files: { 'compose.yaml': 'include: [a.yaml]\nservices: {web: {image: a}}', 'a.yaml': 'include: [compose.yaml]' }, args: ['config'], fails: true },
  'an included name that is taken': { files: { 'compose.yaml': 'include: [a.yaml]\nservices: {web: {image: a}}', 'a.yaml': 'services: {web: {image: b}}' }, args: ['config'], fails: true },
  'anchors and merges': {
    files: { 'compose.yaml': 'x-base: &base\n  image: a\n  environment: &env {A: 1}\nx-more: &more {restart: always, image: z}\nservices:\n  web:\n    <<: [*base, *more]\n    environment:\n      <<: *env\n      B: 2\n  other:\n    <<: *base\n    image: b\n' }, args: ['config'],
  },
  'scalars of YAML 1.1 and 1.2': {
    files: { 'compose.yaml': 'services:\n  web:\n    image: a\n    environment: {A: 0o17, B: 017, C: 0x1f, D: 1_000, E: 1.0, F: 1e3, G: yes, H: on, I: ~, J: null, L: 12:30:45, M: .inf, N: "y", O: true, P: 1e100, Q: 0.1, R: 09, S: +5, T: 0b11}\n    labels: {a: "null", b: "~", c: "#x", d: "a: b", e: "- x", f: " lead", g: "trail ", h: "a\\tb", i: "a\\nb\\n", j: "\\u00e9", k: "{x", l: "1.5", m: "\\u0007", n: "", o: "=", p: "a #b", q: "it\'s", r: "!t", s: "line\\nline2\\n\\n", t: " lead\\nb", u: "@x", v: "%x", w: "a:b", x: "a:", y: "?", z: "---"}\n' },
    args: ['config'],
  },
  'ports in all forms': {
    files: { 'compose.yaml': 'services: {web: {image: a, expose: [1, "2/udp", "3-5"], ports: [80, "81", "82:83", "127.0.0.1:84:85/udp", "[::1]:86:87", "127.0.0.1::88", "90-92:90-92", "100-105:99", {target: 1, published: "2", host_ip: 1.2.3.4, protocol: udp, mode: host, name: n, app_protocol: http}]}}' }, args: ['config'],
  },
  'volumes in all forms': {
    files: { 'compose.yaml': 'services: {web: {image: a, tmpfs: /t, volumes: [/anon, "named:/n", "named:/r:ro", "./rel:/rel", "~/h:/h:z", "/abs:/abs:rw,rslave", "named:/nc:nocopy", {type: tmpfs, target: /tm, tmpfs: {size: 1m, mode: 0700}}, {type: bind, source: ., target: /b, bind: {propagation: shared, create_host_path: false}}, {type: volume, source: named, target: /v, read_only: true, volume: {subpath: s, labels: [a=b]}}, {type: image, source: i, target: /i, image: {subpath: x}}]}}\nvolumes: {named: {driver: local, driver_opts: {type: none, o: bind, device: ./dev}, labels: [x=y]}, unused: }' }, args: ['config'],
  },
  'all resources': { files: { 'compose.yaml': `${WEB}volumes: {unused: }\nnetworks: {lonely: }\n` }, args: ['--all-resources', 'config'] },
  'networks in full': {
    files: { 'compose.yaml': 'services: {web: {image: a, networks: {one: {aliases: [x], ipv4_address: 10.0.0.2, priority: 5, gw_priority: 1, driver_opts: {a: 1}}, two: }}}\nnetworks: {one: {ipam: {driver: default, config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1, aux_addresses: {h: 10.0.0.9}}]}, internal: true, enable_ipv6: false, attachable: true, labels: {a: 1}}, two: {external: true, name: "${FROM_ENV}"}}' }, args: ['config'],
  },
  'secrets and configs': {
    files: { 'compose.yaml': 'services: {web: {image: a, secrets: [one, {source: two, target: t, uid: "1", gid: "2", mode: 0400}], configs: [c, {source: d, target: /d, mode: "0440"}]}}\nsecrets: {one: {file: ./s}, two: {environment: FROM_ENV}}\nconfigs: {c: {content: "a ${FROM_ENV}"}, d: {environment: FROM_ENV}}' }, args: ['config'],
  },
  'deploy, healthcheck, limits': {
    files: { 'compose.yaml': 'services: {web: {image: a, deploy: {replicas: 3, resources: {limits: {cpus: 0.25, memory: 1.5g, pids: 9}, reservations: {cpus: "0.1", devices: [{capabilities: [gpu], count: all}]}}, update_config: {order: start-first, delay: 1.5s, max_failure_ratio: 0.3}, restart_policy: {condition: on-failure, delay: 90s, max_attempts: 0}, labels: [a=b], placement: {constraints: [x]}}, healthcheck: {test: [CMD, a], interval: 1m30s, timeout: 500ms, retries: 3, start_period: 1h, start_interval: 1us}, ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}, blkio_config: {weight: 300, weight_device: [{path: /dev/sda, weight: 4}], device_read_bps: [{path: /dev/sda, rate: 12mb}]}, cpus: 0.25, mem_swappiness: 10, shm_size: 64m, stop_grace_period: 1m, sysctls: {a: 1}, extra_hosts: [a=1.2.3.4, "b:::1"], logging: {driver: x, options: {a: 1}}, group_add: [1, a], devices: [/dev/a, "/dev/b:/dev/c:r"], gpus: all, init: true, post_start: [{command: echo hi, user: root}]}}' }, args: ['config'],
  },
  'build in full': {
    files: { 'compose.yaml': 'services: {web: {build: {context: ., dockerfile_inline: "FROM a\\nRUN b", args: [A=1, FROM_ENV, C], labels: {a: b}, cache_from: [x], tags: [t], target: s, secrets: [k], ssh: ["k=./k"], platforms: [linux/amd64], additional_contexts: [r=./r, "s=docker-image://x"], extra_hosts: ["h:1.1.1.1"], no_cache: true, pull: true, network: host, shm_size: 1g, ulimits: {n: 1}, provenance: true, sbom: false, entitlements: [e], privileged: true}}, two: {build: ./two}, three: {build: "https://example.org/x.git#main:sub"}}\nsecrets: {k: {environment: FROM_ENV}}' }, args: ['config'],
  },
  // By itself: docker compose writes several keys in an order of chance.
  'the default ssh agent of a build': { files: { 'compose.yaml': 'services: {web: {build: {context: ., ssh: [default]}}}' }, args: ['config'] },
  'links and shared namespaces are dependencies': {
    files: { 'compose.yaml': 'services: {a: {image: a}, b: {image: b, network_mode: "service:a", ipc: "service:a", volumes_from: ["a:ro", "container:x"]}, c: {image: c, links: [a, "b:bee"]}}' }, args: ['config'],
  },
  'a name in the file': { files: { 'compose.yaml': `name: My_${'{FROM_ENV}'}\n${WEB}` }, args: ['config'] },
  'a name by flag': { files: { 'compose.yaml': `name: mine\n${WEB}` }, args: ['-p', 'other', 'config'] },
  'a bad name by flag': { files: { 'compose.yaml': WEB }, args: ['-p', '../x', 'config'], fails: true },
  'a project directory': { files: { 'sub/compose.yaml': 'services: {web: {image: a, build: ., volumes: ["./x:/x"]}}' }, args: ['-f', 'sub/compose.yaml', '--project-directory', 'elsewhere', 'config'] },
  'names that JavaScript knows': { files: { 'compose.yaml': 'services: {__proto__: {image: a}, constructor: {image: b, environment: {__proto__: x, toString: y}, labels: {__proto__: z}}}' }, args: ['config'] },
  'several documents': { files: { 'compose.yaml': 'services: {web: {image: a}}\n---\nservices: {web: {command: b}}\n' }, args: ['config'] },
  'no consistency': { files: { 'compose.yaml': 'services: {web: {image: a, networks: [nope]}}' }, args: ['config', '--no-consistency'] },
  'unnormalized': { files: { 'compose.yaml': 'services: {web: {build: {context: .}, environment: [A]}}' }, args: ['config', '--no-normalize'] },
  'written and not interpolated': { files: { 'compose.yaml': 'services: {web: {image: "${A:-a}", ports: ["${P}:80", "81:81"], build: .}}' }, args: ['config', '--no-interpolate'] },
  'paths as written': { files: { 'compose.yaml': 'services: {web: {build: ./x, volumes: ["./a:/a"]}}' }, args: ['config', '--no-path-resolution'] },
};

describe('made for the difference', { skip }, () => {
  for (const [name, { files, args, fails }] of Object.entries(cases)) {
    test(name, async () => {
      const directory = mkdtempSync(join(scratch, 'case-'));
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(directory, path, '..'), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
      assert.equal(await difference(directory, args), undefined);
      assert.equal((await ours(directory, args)).code !== 0, fails ?? false);
      const hashed = args.at(-1) === 'config' && fails === undefined ? await difference(directory, [...args, '--hash', '*']) : undefined;
      assert.equal(hashed, undefined);
    });
  }
});

const bakeCases: Readonly<Record<string, Case>> = {
  'all that a build may say': {
    files: { 'compose.yaml': 'services: {web: {image: w, build: {context: ., dockerfile_inline: "FROM a\\nRUN b\\n", args: [A=1, FROM_ENV, C], labels: {a: b}, target: t, tags: ["x:1"], cache_from: [c], cache_to: [d], network: host, no_cache: true, pull: true, platforms: [linux/amd64, linux/arm64], extra_hosts: ["h:1.2.3.4", "h:5.6.7.8"], shm_size: 64m, ulimits: {nofile: {soft: 1, hard: 2}}, secrets: [s, {source: e, target: o}], ssh: [default], privileged: true, entitlements: [network.host], additional_contexts: {base: "service:api", other: ./o}, provenance: mode=max, sbom: "true"}}, api: {build: {context: ./api, dockerfile: sub/D, network: none}, platform: linux/arm64}, far: {build: "https://example.org/r.git#main:sub"}, db: {image: d}}\nsecrets: {s: {file: ./plain}, e: {environment: FROM_ENV}}' },
    args: ['build', '--print'],
  },
  'one service, and flags': { files: { 'compose.yaml': 'services: {web: {build: {context: ., provenance: "false"}}, api: {build: ./api}}' }, args: ['build', '--print', '--push', '--no-cache', '--pull', '--build-arg', 'X=1', '--ssh', 'default', 'web'] },
};

describe('builds as a file for bake', { skip }, () => {
  /** docker compose writes the targets of the group in an order of chance. */
  const sorted = (text: string): string => {
    const file = JSON.parse(text) as { group: { default: { targets: string[] } } };
    file.group.default.targets.sort();
    return JSON.stringify(file, null, 2);
  };
  for (const [name, { files, args }] of Object.entries(bakeCases)) {
    test(name, async () => {
      const directory = mkdtempSync(join(scratch, 'bake-'));
      for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
      const [their, our] = [await theirs(directory, args), await ours(directory, args)];
      assert.equal(our.code, 0, our.err);
      assert.equal(sorted(our.out), sorted(their.out));
    });
  }
});
