import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { bannedCalls } from './architecture/banned-calls.ts';
import { barrels } from './architecture/barrels.ts';
import { deadFiles } from './architecture/dead-files.ts';
import { defaultExports } from './architecture/default-exports.ts';
import { edgeImports } from './architecture/edge-imports.ts';
import { fileSize } from './architecture/file-size.ts';
import { folderNames } from './architecture/folder-names.ts';
import { importCycles } from './architecture/import-cycles.ts';
import { importTable } from './architecture/import-table.ts';
import { machinePaths } from './architecture/machine-paths.ts';
import { markdownTitle } from './architecture/markdown-title.ts';
import { moduleLet } from './architecture/module-let.ts';
import { planFiles } from './architecture/plan-files.ts';
import { privateFiles } from './architecture/private-files.ts';
import { machinePathsNear, repositoryFiles } from './architecture/repository-files.ts';
import { roomReadmes } from './architecture/room-readmes.ts';
import { renderViolation, type Check } from './architecture/source-file.ts';

const root = dirname(import.meta.dirname);
const files = repositoryFiles(root);

const rules: Readonly<Record<string, Check>> = {
  'a room imports only what it stands on': importTable,
  'only main/, the same edge and tests import edge/': edgeImports,
  'imports do not go round': importCycles,
  'files are small': (all) => fileSize(all),
  'sealed code has no clock, chance or process, and errors have one taxonomy': bannedCalls,
  'plans do not wait': planFiles,
  'every file is used': (all) => deadFiles(all),
  'folders are named after what is in them': folderNames,
  'modules hold no variables': moduleLet,
  'no file only re-exports': barrels,
  'exports have names': defaultExports,
  '_private.ts stays in its room': privateFiles,
  'every room has a README': roomReadmes,
  'no file names a path of one machine': (all) => machinePaths(all, machinePathsNear(root)),
  'a page has one title': markdownTitle,
};

test('there are files to judge', () => {
  assert.ok(files.some(({ path }) => path === 'src/base/error.ts'), `git lists no src/base/error.ts in ${root}`);
});

for (const [rule, check] of Object.entries(rules)) {
  test(rule, () => {
    const violations = check(files).map(renderViolation);
    assert.ok(violations.length === 0, `\n${violations.join('\n')}`);
  });
}
