import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClassicLog } from './classic-log.ts';

const at = { seconds: 1n, nanos: 0 };
const vertex = (name: string, cached?: boolean): object => ({ digest: name, name, started: at, ...(cached === undefined ? {} : { completed: at, cached }) });
const print = (of: string, stream: number, text: string): object => ({ vertex: of, stream, msg: new TextEncoder().encode(text) });

const STEPS = [
  { text: 'FROM busybox', title: undefined }, { text: 'ENV A=b', title: undefined }, { text: 'RUN make', title: '[2/3] RUN make' }, { text: 'COPY . /', title: '[3/3] COPY . /' }, { text: 'CMD ["x"]', title: undefined },
];

function told(updates: readonly object[], ends = true): string {
  const log = new ClassicLog();
  log.expect(STEPS);
  const lines = updates.flatMap((update) => [...log.read(update as Parameters<ClassicLog['read']>[0])]);
  return [...lines, ...(ends ? log.end() : [])].join('');
}

test('steps are counted as they stand in the file, and what they print stands below them', () => {
  const updates = [
    { vertexes: [vertex('[internal] load metadata for busybox', false)] }, { vertexes: [vertex('[1/3] FROM busybox@sha256:1', true)] }, { vertexes: [vertex('[2/3] RUN make')] },
    { logs: [print('[2/3] RUN make', 1, 'out\n'), print('[2/3] RUN make', 2, 'err\n')] }, { vertexes: [vertex('[2/3] RUN make', false)] }, { vertexes: [vertex('[3/3] COPY . /', false)] },
  ];
  assert.equal(told(updates), 'Step 1/5 : FROM busybox\nStep 2/5 : ENV A=b\nStep 3/5 : RUN make\nout\n\x1b[91merr\n\x1b[0mStep 4/5 : COPY . /\nStep 5/5 : CMD ["x"]\n');
  assert.doesNotMatch(told(updates, false), /CMD/);
});

test('what a cache had is said of every instruction but FROM', () => {
  const updates = [{ vertexes: [vertex('[1/3] FROM busybox@sha256:1', true), vertex('[2/3] RUN make', true), vertex('[3/3] COPY . /', true)] }];
  assert.equal(told(updates).match(/Using cache/g)?.length, 4);
  assert.match(told(updates), /FROM busybox\nStep 2/);
});

test('it is under way when the Dockerfile has been read', () => {
  const log = new ClassicLog();
  const read = (name: string): boolean => {
    for (const _ of log.read({ vertexes: [vertex(name, false)] } as Parameters<ClassicLog['read']>[0]));
    return log.isUnderWay;
  };
  assert.deepEqual(['[internal] load remote build context', '[internal] load build definition from Dockerfile', '[internal] load metadata for x'].map(read), [false, false, true]);
});
