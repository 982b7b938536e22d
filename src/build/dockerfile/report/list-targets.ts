import { Linter } from '../lint/linter.ts';
import { parseCheckOptions } from '../lint/check-options.ts';
import { parseDockerfile } from '../parse/parse-dockerfile.ts';
import { readFile } from '../plan/_read-file.ts';
import { base64, locationOf, printJson, printTable, withoutEmpty, type Report } from './_json.ts';

/** `docker build --call=targets`: the stages of a file, nothing expanded. @throws DockerfileError */
export function listTargets(text: string): Report {
  const { stages } = readFile(parseDockerfile(text), new Linter(parseCheckOptions('')));
  const targets = stages.map(({ from }, index) => ({ from, isDefault: index === stages.length - 1 }));
  const rows = targets.map(({ from: { stage, comment }, isDefault }) => [`${stage ?? ''}${isDefault ? stage === undefined ? '(default)' : ' (default)' : ''}`, comment]);
  return {
    json: printJson({
      targets: targets.map(({ from, isDefault }) => withoutEmpty({
        name: from.stage, default: isDefault, description: from.comment, base: from.base, platform: from.platform, location: locationOf(from.lines),
      })),
      sources: [base64(text)],
    }),
    text: printTable([['TARGET', 'DESCRIPTION'], ...rows], 1),
  };
}
