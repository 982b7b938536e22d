import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleeper, type Stage } from './stage.ts';

/** Those of what is built and converted; each is run by every client on every daemon. */
export const buildScenarios: Readonly<Record<string, (stage: Stage) => void>> = {
  'what is built says whose it is, and goes with its project': ({ client, other = client, project, image, docker, skip }) => {
    const missing = project.link('docker-buildx', 'usr/libexec/docker/cli-plugins/docker-buildx');
    if (missing !== undefined && client.name !== 'ours') return skip(missing);
    const names = [`${project.name}-web`, `${project.name}-own-name:1`];
    project.write({
      'compose.yaml': `services: {web: {build: {context: ., labels: {own: label, com.docker.compose.service: another}}}, named: {build: ., image: "${names[1]}"}}`,
      'Dockerfile': `FROM ${image}\nCMD ["true"]\n`,
    });
    project.ok(client, 'build');
    const labels = docker('inspect', '-f', '{{json .Config.Labels}}', ...names).split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    const given = (service: string): Record<string, string> => ({ 'com.docker.compose.project': project.name, 'com.docker.compose.service': service, 'com.docker.compose.version': labels[0]?.['com.docker.compose.version'] ?? '' });
    assert.deepEqual(labels, [{ ...given('web'), own: 'label' }, given('named')]);
    assert.match(labels[0]?.['com.docker.compose.version'] ?? '', /^2\.\d/);
    project.ok(client, 'create');
    assert.match(project.ok(other, 'images'), /-web-1[^]*-named-1|-named-1[^]*-web-1/);
    project.ok(other, '-f', 'compose.yaml', 'down', '--rmi', 'local');
    // A real dockerd makes an image of each step besides, which have no name: docker compose has them kept.
    assert.equal(docker('images', '-q', '--filter', `label=com.docker.compose.project=${project.name}`, '--filter', 'dangling=false'), '');
  },
  'an image converts a project, by the protocol that both clients have for it': ({ client, project, image, docker, skip }) => {
    const [maker, converter] = [`${project.name}-maker`, `${project.name}-converter:1`];
    project.write({ 'compose.yaml': `services: {web: ${sleeper(image)}}`, 'templates/kind': 'a template' });
    const seen = docker('run', '--name', maker, '-v', `${project.directory}:/seen`, image, 'ls', '/seen');
    docker('commit', '-c', 'CMD ["sh", "-c", "mkdir /out/made; cp /in/compose.yaml /templates/kind /out/made"]', maker, converter);
    docker('rm', maker);
    try {
      if (seen === '') return skip('this daemon does not see the files of its client');
      project.ok(client, 'bridge', 'convert', '-t', converter, '--templates', 'templates', '-o', 'to');
      assert.match(readFileSync(join(project.directory, 'to/made/compose.yaml'), 'utf8'), /services:\n +web:[^]*stop_grace_period: 0s/);
      assert.equal(readFileSync(join(project.directory, 'to/made/kind'), 'utf8'), 'a template');
    } finally {
      docker('rmi', converter);
    }
  },
  'a build has secrets from files and from the environment': ({ client, project, image, skip }) => {
    const missing = project.link('docker-buildx', 'usr/libexec/docker/cli-plugins/docker-buildx');
    if (missing !== undefined) return skip(missing);
    project.write({
      'compose.yaml': `services: {web: {build: {context: ., secrets: [plain, {source: word, target: other}]}, command: [cat, /got]}}\nsecrets: {plain: {file: ./plain.txt}, word: {environment: SECRET_WORD}}`,
      'plain.txt': 'from a file ', 'Dockerfile': `FROM ${image}\nRUN --mount=type=secret,id=plain --mount=type=secret,id=other cat /run/secrets/plain /run/secrets/other | tr a-z A-Z >/got\n`,
    });
    project.ok(client, 'build');
    assert.equal(project.ok(client, 'run', '--rm', '-T', 'web'), 'FROM A FILE SESAME');
    project.ok(client, 'down', '--rmi', 'local');
  },
};
