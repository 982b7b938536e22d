import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyChanges } from './changes.ts';

describe('changes of import and commit', () => {
  test('are a Dockerfile\'s instructions, put upon a config', () => {
    assert.deepEqual(applyChanges({ Env: ['A=1', 'B=2'], Labels: { x: 'y' } }, ['ENV A=3 C="d e"', 'ENV OLD the rest', 'CMD ["x"]', 'LABEL k=v', 'EXPOSE 80 53/udp 90-91', 'VOLUME /a /b', 'WORKDIR /w\nUSER 5']), {
      Env: ['A=3', 'B=2', 'C=d e', 'OLD=the rest'], Labels: { x: 'y', k: 'v' }, Cmd: ['x'], ExposedPorts: { '53/udp': {}, '80/tcp': {}, '90/tcp': {}, '91/tcp': {} }, Volumes: { '/a': {}, '/b': {} },
      WorkingDir: '/w', User: '5',
    });
  });

  test('health checks have their options', () => {
    assert.deepEqual(applyChanges({}, ['HEALTHCHECK --interval=5s --timeout=3s --start-period=1m --retries=4 CMD x y', 'ONBUILD RUN x']), {
      Healthcheck: { Test: ['CMD-SHELL', 'x y'], Interval: 5e9, Timeout: 3e9, StartPeriod: 60e9, Retries: 4 }, OnBuild: ['RUN x'],
    });
  });

  test('variables are those of the config', () => {
    assert.deepEqual(applyChanges({ Env: ['A=1', 'PATH=/bin'] }, ['ENV PATH=$PATH:/x Z=${A}q', 'LABEL l=$Z'])['Env'], ['A=1', 'PATH=/bin:/x', 'Z=1q']);
  });

  test('an entrypoint takes the command of the one before away, unless there is a new one', () => {
    assert.deepEqual(applyChanges({ Cmd: ['old'], Entrypoint: null, OnBuild: ['RUN a'] }, ['ENTRYPOINT run it']), { Cmd: null, Entrypoint: ['/bin/sh', '-c', 'run it'], OnBuild: ['RUN a'] });
    assert.deepEqual(applyChanges({ Cmd: ['old'], Entrypoint: null }, ['CMD ["new"]', 'ENTRYPOINT ["run"]'])['Cmd'], ['new']);
  });

  test('what needs files, or is nothing, is refused by its name', () => {
    assert.throws(() => applyChanges({}, ['RUN x']), { kind: 'invalid', message: 'RUN is not a valid change command' });
    assert.throws(() => applyChanges({}, ['foo x']), { kind: 'invalid', message: 'foo is not a valid change command' });
    assert.throws(() => applyChanges({}, ['USER 1', 'ENV']), { kind: 'invalid', message: 'ENV requires at least one argument' });
    for (const wrong of ['EXPOSE x', 'ENV x', 'HEALTHCHECK FOO', 'ONBUILD ONBUILD RUN x', 'STOPSIGNAL foo', '']) assert.throws(() => applyChanges({}, [wrong]), { kind: 'invalid' }, wrong);
  });
});
