import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compare, type Difference } from './differential/compare.ts';
import { EngineUnderTest } from './differential/engine.ts';
import { isKnown, KNOWN_DIFFERENCES } from './differential/known-differences.ts';
import { openReference } from './differential/reference.ts';
import { CONTAINER_SCRIPTS } from './differential/script/containers.ts';
import { ERROR_SCRIPTS } from './differential/script/errors.ts';
import { FILE_SCRIPTS } from './differential/script/files.ts';
import { IMAGE_SCRIPTS } from './differential/script/images.ts';
import { NETWORK_SCRIPTS } from './differential/script/networks.ts';
import { READING_SCRIPTS } from './differential/script/readings.ts';
import { HOST_CONFIG_SCRIPTS } from './differential/script/host-config.ts';
import { RUN_SCRIPTS } from './differential/script/run.ts';
import { stepOf, type Script } from './differential/step.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';

const SCRIPTS: Readonly<Record<string, Script>> = { ...RUN_SCRIPTS, ...FILE_SCRIPTS, ...CONTAINER_SCRIPTS, ...READING_SCRIPTS, ...IMAGE_SCRIPTS, ...ERROR_SCRIPTS, ...NETWORK_SCRIPTS, ...HOST_CONFIG_SCRIPTS };
const AT_ONCE = 4;
const PREFIX = `gdf${process.pid}`;
const IMAGE = `${PREFIX}:1`;
/** Both engines publish on the one host. */
const PORTS = { theirs: 20_000 + (process.pid % 100) * 100, ours: 10_000 + (process.pid % 100) * 100 };

const reference = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : await openReference());

describe('against the reference engine', { skip: typeof reference === 'string' ? reference : false, concurrency: AT_ONCE }, () => {
  if (typeof reference === 'string') return;
  const used = new Set<number>();
  const cli = findDockerCli() ?? '';
  let daemon: TestDaemon | undefined;
  let engines: { readonly theirs: EngineUnderTest; readonly ours: EngineUnderTest };

  before(async () => {
    daemon = await TestDaemon.start();
    engines = { theirs: new EngineUnderTest(cli, reference.socket, daemon.directory), ours: new EngineUnderTest(cli, daemon.socket, daemon.directory) };
    for (const engine of Object.values(engines)) {
      const { code, stderr } = await engine.run(['import', '-c', 'CMD ["sh"]', '-c', 'LABEL made=here', busyboxTar(), IMAGE]);
      assert.equal(code, 0, stderr);
    }
  });

  after(async () => {
    if (engines !== undefined) await engines.theirs.clean(IMAGE, PREFIX);
    await daemon?.destroy();
    await reference.close();
    const stale = KNOWN_DIFFERENCES.filter(({ isRare }, index) => isRare !== true && !used.has(index)).map(({ command, place }) => `${command} ${place}`);
    if (process.argv.every((word) => !word.includes('test-name-pattern'))) assert.deepEqual(stale, [], 'differences in the table that are none any more');
  });

  for (const [number, [title, script]] of Object.entries(SCRIPTS).entries()) {
    test(title, async () => {
      const differences = await playOnBoth(script, number);
      const unknown = differences.filter((difference) => {
        const index = KNOWN_DIFFERENCES.findIndex((known) => isKnown(known, difference));
        used.add(index);
        return index === -1;
      });
assert.equal(unknown.length, 0, `\n${unknown.map(told).join('\n')}`);
    });
  }

  async function playOnBoth(script: Script, number: number): Promise<Difference[]> {
    const since = String(Math.floor(Date.now() / 1000));
    const fill = (word: string, port: number): string =>
      word.replaceAll('FILE', `${daemon?.directory}/${port}-${number}.tar`).replaceAll('NAME', `${PREFIX}n${number}`).replaceAll('IMAGE', IMAGE).replaceAll('SINCE', since).replaceAll('NOW', String(Math.floor(Date.now() / 1000) + 1))
        .replaceAll(/PORT(\d)?/g, (_, digit: string | undefined) => String(port + number * 3 + Number(digit ?? 0)));
    const unfill = (text: string, port: number): string => text.replaceAll(`${PREFIX}n${number}`, 'NAME').replaceAll(PREFIX, 'PREFIX').replaceAll(/\b[12]\d{4}\b/g, (digits) => {
      const offset = Number(digits) - port - number * 3;
      return offset >= 0 && offset < 3 ? `PORT${offset}` : digits;
    });
    const differences: Difference[] = [];
    for (const step of script.map(stepOf)) {
      const [theirs, ours] = await Promise.all((['theirs', 'ours'] as const).map(async (side) => {
        const captured = await engines[side].run(step.argv.map((word) => fill(word, PORTS[side])), step);
        return { ...captured, stdout: unfill(captured.stdout, PORTS[side]), stderr: unfill(captured.stderr, PORTS[side]) };
      }));
      assert.ok(theirs !== undefined && ours !== undefined);
      differences.push(...compare(step, theirs, ours));
    }
    return differences;
  }
});

function told({ command, place, theirs, ours }: Difference): string {
  const value = (text: string | undefined): string => (text === undefined ? 'nothing' : text.includes('\n') ? JSON.stringify(text) : text);
  return `docker ${command} [${place}]\n  theirs: ${value(theirs)}\n  ours:   ${value(ours)}`;
}
