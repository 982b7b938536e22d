import { GantryError } from '#base/error.ts';
import type { ActiveBuild } from './active-build.ts';
import type { DockerfileResult } from './dockerfile-frontend.ts';
import type { FrontendOptions } from './frontend-options.ts';

/** `--check` and `--call`: an answer instead of files (BuildKit frontend/subrequests). Undefined where a build was asked for. */
export async function answerRequest(_build: ActiveBuild, options: FrontendOptions, evaluate: () => Promise<DockerfileResult>): Promise<Map<string, Uint8Array> | undefined> {
  switch (options.request) {
    case undefined: case '': return undefined;
    case 'frontend.lint': return lint(await evaluate());
    case 'frontend.subrequests.describe': return answer(REQUESTS, REQUESTS.map(({ name, description }) => `${name}\t${description}\n`).join(''), '1.0.0');
    default: throw new GantryError('unimplemented', `unsupported request ${options.request}`);
  }
}

const REQUESTS = [
  { name: 'frontend.lint', version: '1.0.0', type: 'rpc', description: 'Lint a Dockerfile', opts: null, inputs: null, metadata: [{ name: 'result.json', description: '', encoding: '' }, { name: 'result.txt', description: '', encoding: '' }, { name: 'result.statuscode', description: '', encoding: '' }], refs: null },
  { name: 'frontend.subrequests.describe', version: '1.0.0', type: 'rpc', description: 'List available subrequest types', opts: null, inputs: null, metadata: [{ name: 'result.json', description: '', encoding: '' }, { name: 'result.txt', description: '', encoding: '' }], refs: null },
];

function lint({ warnings, source }: DockerfileResult): Map<string, Uint8Array> {
  const json = {
    warnings: warnings.map(({ rule, description, url, message, lines }) => ({
      ruleName: rule, description, ...(url === '' ? {} : { url }), detail: message,
      location: { ranges: [{ start: { line: lines.start }, end: { line: lines.end } }] },
    })),
    sources: [{ filename: source.fileName, data: Buffer.from(source.text).toString('base64'), language: 'Dockerfile' }],
  };
  const text = warnings.map(({ rule, url, description, message, lines }) => `WARNING: ${rule}${url === '' ? '' : ` - ${url}`}\n${description}\n${message}\n${source.fileName}:${lines.start}\n`).join('\n');
  const metadata = answer(warnings.length === 0 ? { sources: json.sources } : json, text, '1.0.0');
  metadata.set('result.statuscode', new TextEncoder().encode(warnings.length === 0 ? '0' : '1'));
  return metadata;
}

function answer(json: unknown, text: string, version: string): Map<string, Uint8Array> {
  const utf8 = new TextEncoder();
  return new Map([['result.json', utf8.encode(JSON.stringify(json))], ['result.txt', utf8.encode(text)], ['version', utf8.encode(version)]]);
}
