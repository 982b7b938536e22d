import { GantryError } from '#base/error.ts';
import { DockerfileError } from '#build/dockerfile/dockerfile-error.ts';
import { reportLint } from '#build/dockerfile/report/lint-report.ts';
import { listTargets } from '#build/dockerfile/report/list-targets.ts';
import { reportOutline } from '#build/dockerfile/report/outline.ts';
import type { SourceText } from './build-progress.ts';
import type { DockerfileResult } from './dockerfile-frontend.ts';
import type { FrontendOptions } from './frontend-options.ts';

type Metadata = Map<string, Uint8Array>;

/** What a question is answered from. */
export interface AskedBuild {
  /** Plans and evaluates, with images looked up. */
  evaluate(): Promise<DockerfileResult>;
  /** The Dockerfile alone. */
  source(): Promise<SourceText>;
}

/** `--check` and `--call`: an answer instead of files (BuildKit frontend/subrequests). Undefined where a build was asked for. */
export async function answerRequest({ request }: FrontendOptions, asked: AskedBuild): Promise<Metadata | undefined> {
  switch (request) {
    case undefined: case '': return undefined;
    case 'frontend.lint': return await lint(asked);
    case 'frontend.outline': {
      const { plan, evaluated } = await asked.evaluate();
      return answer(reportOutline(plan, evaluated));
    }
    case 'frontend.targets': return answer(listTargets((await asked.source()).text));
    case 'frontend.subrequests.describe': return answer({ json: JSON.stringify(REQUESTS), text: REQUESTS.map(({ name, description }) => `${name}\t${description}\n`).join('') });
    default: throw new GantryError('unimplemented', `unsupported request ${request}`);
  }
}

const RESULTS = ['result.json', 'result.txt'];
const REQUESTS = [
  request('frontend.lint', 'Lint a Dockerfile', [...RESULTS, 'result.statuscode']),
  request('frontend.outline', 'List all parameters current build target supports', RESULTS),
  request('frontend.targets', 'List all targets current build supports', RESULTS),
  request('frontend.subrequests.describe', 'List available subrequest types', RESULTS),
];

function request(name: string, description: string, results: readonly string[]) {
  return { name, version: '1.0.0', type: 'rpc', description, opts: null, inputs: null, metadata: results.map((result) => ({ name: result, description: '', encoding: '' })), refs: null };
}

/** What keeps the file from being built is part of the answer. */
async function lint({ evaluate, source }: AskedBuild): Promise<Metadata> {
  try {
    const { warnings, violation, source: { fileName, text } } = await evaluate();
    return withStatus(reportLint(fileName, text, warnings, violation));
  } catch (thrown) {
    const fault = thrown instanceof DockerfileError ? thrown : thrown instanceof Error && thrown.cause instanceof DockerfileError ? thrown.cause : undefined;
    if (fault === undefined) throw thrown;
    const { fileName, text } = await source();
    return withStatus(reportLint(fileName, text, [], fault));
  }
}

function withStatus(report: ReturnType<typeof reportLint>): Metadata {
  return answer(report).set('result.statuscode', new TextEncoder().encode(String(report.statusCode)));
}

function answer({ json, text }: { readonly json: string; readonly text: string }): Metadata {
  const utf8 = new TextEncoder();
  return new Map([['result.json', utf8.encode(json)], ['result.txt', utf8.encode(text)], ['version', utf8.encode('1.0.0')]]);
}
