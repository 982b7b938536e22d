import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderReport, type Report } from './report.ts';

const report: Report = {
  machine: { date: '2026-01-02', kernel: '6.18', cores: 2, memoryGiB: 8 },
  client: 'Docker version 28.5',
  clientOrigin: "the side root's",
  versions: { docker: '28.5', gantry: '0.1' },
  timings: [
    { what: 'docker --version', engine: '(client)', ms: [10, 20, 30] },
    { what: 'run', engine: 'docker', ms: [200, 200, 200] },
    { what: 'run', engine: 'gantry', ms: [50, 50, 50] },
  ],
  memory: [
    { what: 'idle', engine: 'docker', pss: 102_400, rss: 204_800 },
    { what: 'idle', engine: 'gantry', pss: 51_200, rss: 61_440 },
  ],
  refused: ['podman: no such\nthing'],
};

test('a report has the machine, the tables with ratios, and what was left out', () => {
  assert.equal(renderReport(report), `2026-01-02, Linux 6.18, 2 cores, 8 GiB; docker 28.5, gantry 0.1

Docker client of Gantry and Docker: Docker version 28.5, the side root's

| case | engine | runs | median ms | quartiles ms | to Docker | Gantry to it (95 %) |
| --- | --- | --- | --- | --- | --- | --- |
| docker --version | (client) | 3 | 20.0 | 15.0 to 25.0 |  |  |
| run | docker | 3 | 200.0 | 200.0 to 200.0 |  | 0.25 (0.25 to 0.25) |
| run | gantry | 3 | 50.0 | 50.0 to 50.0 | 0.25 (0.25 to 0.25) |  |

| memory | engine | PSS MiB | RSS MiB | PSS to Docker | Gantry's PSS to it |
| --- | --- | --- | --- | --- | --- |
| idle | docker | 100.0 | 200.0 |  | 0.50 |
| idle | gantry | 50.0 | 60.0 | 0.50 |  |

Left out:

- podman: no such thing
`);
});

test('without Gantry the peers are compared with each other', () => {
  const text = renderReport({ ...report, timings: report.timings.filter(({ engine }) => engine !== 'gantry'), refused: [] });
  assert.match(text, /\| run \| docker \| 3 \| 200\.0 \| 200\.0 to 200\.0 \|  \|  \|/);
  assert.doesNotMatch(text, /Left out/);
});
