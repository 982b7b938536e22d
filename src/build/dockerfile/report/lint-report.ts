import type { DockerfileError } from '../dockerfile-error.ts';
import { renderExcerpt } from '../excerpt.ts';
import type { Warning } from '../lint/warning.ts';
import { base64, locationOf, printJson, withoutEmpty, type Report } from './_json.ts';

export interface LintReport extends Report {
  /** 1 where something was found: `result.statuscode`. */
  readonly statusCode: 0 | 1;
}

/** `docker build --check`: what was found, and what keeps the file from being built. */
export function reportLint(file: string, text: string, warnings: readonly Warning[], error?: DockerfileError): LintReport {
  const sorted = warnings.toSorted((left, right) => left.lines.start - right.lines.start);
  return {
    json: printJson({
      warnings: warnings.length === 0 ? null : warnings.map(({ rule, description, url, message, lines }) => withoutEmpty({ ruleName: rule, description, url, detail: message, location: locationOf(lines) })),
      sources: [{ filename: file, data: base64(text), language: 'Dockerfile' }],
      ...(error === undefined ? {} : { buildError: { message: error.message, location: error.lines === undefined ? {} : locationOf(error.lines) } }),
    }),
    text: sorted.map((warning) => renderWarning(file, text, warning)).join(''),
    statusCode: warnings.length > 0 || error !== undefined ? 1 : 0,
  };
}

function renderWarning(file: string, text: string, { rule, url, message, lines }: Warning): string {
  return `\nWARNING: ${rule}${url === '' ? '' : ` - ${url}`}\n${message}\n${renderExcerpt({ file, text, lines })}\n`;
}
