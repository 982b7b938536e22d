import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serviceShape } from '../schema/service-shape.ts';
import { openText } from '../testing/open-text.ts';
import { convertProject, manifestsYaml, type Converted } from './convert.ts';
import { DECISIONS } from './keys.ts';

const GOLDEN = new URL('golden.yaml', import.meta.url);
const FILES = { '/app/nginx.conf': 'events {}\n', '/app/word': 'sesame' };
const hasher = { sha256: (bytes: Uint8Array) => `${bytes.length}`.padStart(64, '0') };

function convert(yaml: string): Converted {
  const read = (path: string): Uint8Array | 'directory' | undefined => (path === '/app/src' ? 'directory' : Object.hasOwn(FILES, path) ? new TextEncoder().encode(FILES[path as keyof typeof FILES]) : undefined);
  return convertProject(openText(yaml, { files: FILES, environment: new Map([['WORD', 'sesame']]) }), read, hasher);
}

const converted = (yaml: string): string => manifestsYaml(convert(yaml).manifests);
/** Of one service, below what every project has. */
const withKey = (key: string): string => `name: app\nservices: {web: {image: i, ${key}}, db: {image: d}}\nnetworks: {n: {}, m: {}}\nvolumes: {data: {}}\nconfigs: {c: {content: "a"}}\nsecrets: {s: {file: ./word}}\n`;

const APPLICATION = `
name: app
services:
  web:
    image: nginx:1
    deploy: {replicas: 2, update_config: {order: start-first}, labels: {team: a}, resources: {limits: {cpus: "0.5", memory: 256m}, reservations: {memory: 64m}}}
    ports: ["8080:80", "443:8443/tcp", "127.0.0.1:9000:9000/udp"]
    depends_on: [api, db]
    networks: {front: {aliases: [www]}, back: }
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
    labels: {route: "Host(\`x\`)", "not a name": b}
    healthcheck: {test: curl -f localhost, interval: 1500ms, timeout: 3s, retries: 5, start_period: 10s}
  api:
    build: .
    entrypoint: [/bin/api]
    command: [--listen, "$$(HOST):80", "$$HOME"]
    environment: {B: "2", A: "pay $$$$(x)", GONE: }
    expose: ["3000-3001"]
    networks: [back]
    secrets: [{source: word, mode: 0400}, db_password]
    configs: [{source: settings, target: /etc/api/settings.json}]
    user: "1000:1000"
    cap_add: [CAP_NET_BIND_SERVICE]
    cap_drop: [ALL]
    read_only: true
    tmpfs: ["/tmp:size=64m"]
    security_opt: ["no-new-privileges:true"]
    init: true
    stop_grace_period: 1m30s
    stop_signal: int
    extra_hosts: ["upstream:192.0.2.1", "other:192.0.2.1"]
    dns: [192.0.2.53]
    dns_opt: ["ndots:2"]
    pre_stop: [{command: [drain]}]
  sidecar:
    image: sidecar
    network_mode: service:api
    volumes: ["data:/data:ro"]
  db:
    image: postgres:17
    shm_size: 64m
    volumes: ["data:/var/lib/postgresql", /scratch]
    networks: [back]
  queue:
    image: rabbitmq
    hostname: queue
    volumes: ["data:/var/lib/rabbitmq"]
    networks: [back]
  migrate:
    image: api
    restart: on-failure:3
    networks: [back]
  worker:
    image: api
    depends_on: {migrate: {condition: service_completed_successfully}}
    networks: [back]
    platform: linux/arm64
    deploy: {mode: global, placement: {constraints: ["node.labels.disk==ssd"]}}
  never: {image: never, scale: 0, devices: [/dev/null]}
networks: {front: , back: {internal: true}}
volumes: {data: {x-kubernetes: {storage: 20Gi, storageClass: fast}}}
secrets: {word: {environment: WORD}, db_password: {file: ./word}}
configs: {settings: {content: '{"a": 1}'}}
`;

test('a project as objects', () => {
  const { manifests, warnings } = convert(APPLICATION);
  assert.equal(manifestsYaml(manifests), readFileSync(GOLDEN, 'utf8'));
  assert.deepEqual(warnings, [
    'services.web.depends_on: Kubernetes starts everything at once, and again what ends: web has to bear that api, db are not there yet',
    'services.web.labels: not a name is no name of an annotation: it is left out',
    'services.worker.depends_on: Kubernetes starts everything at once, and again what ends: worker has to bear that migrate is not there yet',
    'services.web.ports: what is published on this machine alone is published within the cluster alone, by web-local: kubectl -n app port-forward service/web-local leads there',
  ]);
});

test('the same project gives the same text, in whatever order it was written', () => {
  const [head = '', ...services] = ['name: app\nservices:\n', '  a: {image: a, environment: {X: "1", Y: "2"}, labels: {l: m, k: n}}\n', '  b: {image: b, ports: [80]}\n'];
  const again = services.toReversed().join('').replace('{X: "1", Y: "2"}', '{Y: "2", X: "1"}').replace('{l: m, k: n}', '{k: n, l: m}');
  assert.equal(converted(head + services.join('')), converted(head + again));
});

/** Of each key, a value that makes a difference. */
const CONVERTED: Readonly<Record<string, string>> = {
  annotations: '{a: b}', cap_add: '[CHOWN]', cap_drop: '[CHOWN]', command: '[x]', configs: '[c]', container_name: 'other', cpu_quota: '50000', cpus: '1.5', deploy: '{replicas: 3}', dns: '[192.0.2.1]', dns_opt: '[debug]',
  dns_search: '[example.org]', entrypoint: '[x]', environment: '{A: b}', expose: '[80]', extra_hosts: '["h:192.0.2.1"]', gpus: '[{count: 1}]', group_add: '[1]', healthcheck: '{test: x}', hostname: 'h', image: 'other',
  init: 'true', ipc: 'host', labels: '{a: b}', links: '["db:data"]', mem_limit: '1g', mem_reservation: '1g', network_mode: 'host', networks: '[n]', pid: 'host', platform: 'linux/arm64', ports: '[80]',
  post_start: '[{command: [x]}]', pre_stop: '[{command: [x]}]', privileged: 'true', pull_policy: 'always', read_only: 'true', restart: '"no"', runtime: 'r', scale: '2', secrets: '[s]', security_opt: '[no-new-privileges]',
  shm_size: '1m', stdin_open: 'true', stop_grace_period: '1s', stop_signal: 'INT', sysctls: '{net.core.somaxconn: 1}', tmpfs: '/t', tty: 'true', user: '"1"', volumes: '["data:/v"]', working_dir: '/w',
};

test('every key of a service has its decision, and every one that is converted makes a difference', () => {
  assert.deepEqual([...DECISIONS.keys()].toSorted(), [...serviceShape.fields.keys()].toSorted());
  const plain = converted(withKey('attach: true'));
  const without = Object.entries(CONVERTED).filter(([key, value]) => converted(key === 'image' ? withKey('attach: true').replace('image: i', `image: ${value}`) : withKey(`${key}: ${value}`)) === plain);
  assert.deepEqual(without, []);
  // Of these only some values are more than what a pod is anyway, and those are refused or told; the period goes with the quota.
  const others = new Set(['cgroup', 'cpu_period', 'depends_on', 'userns_mode', 'uts']);
  assert.deepEqual([...DECISIONS].filter(([key, decision]) => decision === 'converted' && !others.has(key)).map(([key]) => key), Object.keys(CONVERTED).toSorted());
});

test('what a cluster has no counterpart for is refused, all of it at once, with a way out', () => {
  for (const [key, expected] of [
    ['devices: [/dev/null]', 'services.web.devices: a pod has no devices but those that its node offers'],
    ['volumes: ["./src:/src"]', 'services.web.volumes(/src): /app/src is a directory of this machine, and a node has none of it'],
    ['volumes: ["./nginx.conf:/c"]', 'services.web.volumes(/c): /app/nginx.conf is a file of this machine that may be written to, and a node has none of it\n    mount it read-only (:ro), or use a volume'],
    ['volumes: ["/var/run/docker.sock:/s:ro"]', 'services.web.volumes(/s): /var/run/docker.sock is no file that could go with the objects'],
    ['user: postgres', 'services.web.user: Kubernetes knows users and groups by their numbers, not "postgres"'],
    ['group_add: [docker]', 'services.web.group_add: Kubernetes knows users and groups by their numbers, not "docker"'],
    ['network_mode: none', 'services.web.network_mode: none is no network of a pod'],
    ['ipc: service:db', 'services.web.ipc: containers share a namespace within a pod only\n    make them one pod: network_mode: service:db'],
    ['scale: 2, network_mode: service:db', 'services.web.scale: it shares the pod of db, of which there are 1'],
    ['networks: {n: {ipv4_address: 10.0.0.2}}', 'services.web.networks.n.ipv4_address: the cluster gives addresses'],
    ['extra_hosts: ["h:host-gateway"]', 'services.web.extra_hosts: h is this machine, which a pod does not run on'],
    ['entrypoint: []', 'services.web.entrypoint: it empties what the image runs, and there is no command'],
    ['pre_stop: [{command: [a]}, {command: [b]}]', 'services.web.pre_stop: Kubernetes runs one command there'],
    ['post_start: [{command: [a], user: root}]', 'services.web.post_start.user: Kubernetes runs the command as the container is'],
    ['stop_signal: "9"', 'services.web.stop_signal: Kubernetes knows signals by their names, not 9'],
    ['security_opt: ["label:disable"]', 'services.web.security_opt: label:disable has no counterpart in a pod'],
    ['gpus: all', 'services.web.gpus: a pod asks for a number of devices of one kind'],
    ['secrets: [{source: s, uid: "5"}]', "services.web.secrets: s has an owner, and a pod's files belong to root"],
    ['volumes_from: [db]', 'services.web.volumes_from: a pod has no mounts of another'],
    ['deploy: {placement: {constraints: ["node.role==manager"]}}', 'services.web.deploy.placement.constraints: "node.role==manager" has no counterpart'],
    ['environment: {"A B": x}', 'services.web.environment: "A B" is no name of a variable in Kubernetes'],
    ['volumes: [{type: image, source: "a/b:1", target: /a}, {type: image, source: a-b-1, target: /b}]', 'volume image-a-b-1: two that are mounted would have this name in the pod'],
    ['hostname: Up', 'services.web.hostname: Up is no name of a host in Kubernetes'],
    ['networks: {n: {aliases: [db]}}', 'services.web (alias db): Service db would be that of services.db too'],
  ] as const) {
    assert.throws(() => convert(withKey(key)), (thrown: Error) => thrown.message.startsWith('the project cannot be converted to Kubernetes objects:') && thrown.message.includes(`  ${expected}`), key);
  }
  assert.throws(() => convert('name: app\nservices: {a_b: {image: i, devices: [/dev/null], volumes: ["data:/v"]}}\nvolumes: {data: {driver: other}}'), /services\.a_b\.devices[^]*services\.a_b: a_b is no name[^]*volumes\.data\.driver/);
});

test('what is only tuning is left out, and told', () => {
  for (const [key, expected] of [['ulimits: {nofile: 5}', 'services.web.ulimits: limits of processes are set for a node'], ['logging: {driver: none}', 'services.web.logging: it says where one daemon keeps its logs'], ['restart: on-failure', 'services.web.restart: Kubernetes starts it again however it ends']] as const) {
    const { warnings } = convert(withKey(key));
    assert.deepEqual(warnings.map((warning) => warning.startsWith(expected)), [true], key);
  }
});

test('what exists in the cluster is named as it is there, and not made', () => {
  const text = converted('name: app\nservices: {web: {image: i, volumes: ["data:/v"], secrets: [s], networks: [far]}}\nvolumes: {data: {external: true, name: kept}}\nsecrets: {s: {external: true, name: token}}\nnetworks: {far: {external: true, name: company}}\n');
  assert.match(text, /claimName: kept/);
  assert.match(text, /secretName: token/);
  assert.match(text, /com\.docker\.compose\.network\/company: "true"/);
  assert.doesNotMatch(text, /kind: (PersistentVolumeClaim|Secret)/);
});
