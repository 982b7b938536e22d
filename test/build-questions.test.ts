import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { buildScenarios, type Building, type Ran } from './build/building.ts';

const scenario = buildScenarios('build-question-scenarios');

const FILE = `# V is a version
ARG V=1
FROM base AS tools
ARG V
RUN --mount=type=secret,id=tok,required true
# out is the result
FROM tools AS out
ARG W=w$V
FROM scratch
WORKDIR x
`;

async function ask(world: Building, text: string, ...args: readonly string[]): Promise<Ran> {
  const directory = world.context({ Dockerfile: text });
  try {
    return await world.build(directory, ...args);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

scenario('an outline has the arguments and secrets of the target', async (world) => {
  const { stdout } = await ask(world, FILE, '--call=outline', '--target=out');
  assert.equal(stdout, 'TARGET:      out\nDESCRIPTION: is the result\n\nBUILD ARG   VALUE   DESCRIPTION\nV           1       is a version\nW           w1      \n\nSECRET   REQUIRED\ntok      true\n\n');
});

scenario('the targets of a file are listed', async (world) => {
  const { stdout } = await ask(world, FILE, '--call=targets');
  assert.equal(stdout, 'TARGET    DESCRIPTION\ntools     \nout       is the result\n(default) \n');
});

scenario('a check shows what it found, with the lines', async (world) => {
  const { code, stdout } = await ask(world, FILE, '--check');
  assert.equal(code, 1);
  assert.match(stdout, /WARNING: WorkdirRelativePath - https:\/\/docs\.docker\.com\/go\/dockerfile\/rule\/workdir-relative-path\/\nRelative workdir "x" .*\n.*Dockerfile:10\n-{20}\n.*\n.*\n +10 \| >>> WORKDIR x\n/);
  assert.equal((await ask(world, 'FROM scratch\n', '--check')).code, 0);
});

scenario('a check of a file that can not be built says why', async (world) => {
  const { code, stdout, stderr } = await ask(world, 'FROM scratch\nFOO bar\n', '--check');
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /unknown instruction: FOO \(did you mean FROM\?\)/);
});
