import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DockerfileError } from './dockerfile-error.ts';
import { emptyBase, evaluateStage } from './evaluate/evaluate-stage.ts';
import { renderExcerpt } from './excerpt.ts';
import { expand } from './expand/lexer.ts';
import { ShellPattern } from './expand/pattern.ts';
import { IgnoreRules } from './ignore/ignore-rules.ts';
import type { Node } from './parse/node.ts';
import { parseDockerfile, type Document } from './parse/parse-dockerfile.ts';
import { planDockerfile } from './plan/plan-dockerfile.ts';

const PLATFORM = { os: 'linux', architecture: 'amd64' };
const PIECES = [
  'FROM', 'RUN', 'COPY', 'ADD', 'ENV', 'ARG', 'LABEL', 'ONBUILD', 'HEALTHCHECK', 'EXPOSE', 'VOLUME', 'USER', 'WORKDIR', 'SHELL', 'CMD', 'STOPSIGNAL', 'FOO',
  ' ', ' ', ' ', '\n', '\n', '\n', '\\\n', '\t', '\r\n', '#', '# escape=`\n', '# check=skip=all\n', '--', '--mount=', '--from=', '--chmod=', 'type=cache,', 'target=/x', 'a', 'b=c', '=', '"', "'",
  '\\', '`', '$', '${', '}', ':-', '#', '%', '/', '//', '<<EOF', '<<-"X"', '\nEOF\n', '\n\tX\n', '[', ']', '["a"]', '{', ',', 'scratch', 'AS', '0', '8080-8090', 'http://x/y', 'é', '\u0000', '\u00a0', '🖖',
];
const dockerfile = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(''));
const valid = dockerfile.map((text) => `FROM scratch\n${text}`);

/** Runs what may fail in the one way it may. */
function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    assert.ok(error instanceof DockerfileError, `${error instanceof Error ? error.stack : String(error)}`);
    return undefined;
  }
}

function print({ directives, nodes, escape }: Document): string {
  const lines = [...directives.map(({ name, value }) => `# ${name}=${value}\n`)];
  assert.ok(escape === '\\' || directives.some(({ name }) => name === 'escape'));
  for (const node of nodes) lines.push(`${node.original}\n${node.heredocs.map(({ name, content }) => `${content}${name}\n`).join('')}`);
  return lines.join('');
}

const shape = ({ lines: _, comments: __, trigger, original, ...node }: Node): object => ({ ...node, original: original.trim(), trigger: trigger === undefined ? undefined : shape(trigger) });

describe('never anything but a DockerfileError', () => {
  test('from planning and evaluating', () => {
    fc.assert(fc.property(valid, (text) => {
      attempt(() => {
        const plan = planDockerfile(text, { buildPlatform: PLATFORM, allStages: true });
        for (const index of plan.order) evaluateStage(plan, index, emptyBase(PLATFORM));
      });
    }));
  });

  test('from expanding', () => {
    fc.assert(fc.property(dockerfile, fc.constantFrom('\\', '`'), (text, escape) => void attempt(() => expand(text, new Map([['a', 'b']]), escape))));
  });

  test('from rules for what to ignore', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('*', '?', '[', ']', '^', '-', '\\', '/', '!', 'a', '.', '\n') }), fc.string({ unit: fc.constantFrom('a', '/', '.') }), (text, path) => void attempt(() => IgnoreRules.parse(text).excludes(path))));
  });
});

test('what is parsed, printed and parsed again is the same', () => {
  fc.assert(fc.property(dockerfile, (text) => {
    const document = attempt(() => parseDockerfile(text));
    // A line that was put together may be an escape again at its end, or begin like a comment.
    if (document === undefined || document.nodes.some(({ original }) => /[\\`][ \t]*$/.test(original) || /^\s*(?:#|$)/.test(original) || original.includes('\u0000'))) return;
    assert.deepEqual(parseDockerfile(print(document)).nodes.map(shape), document.nodes.map(shape));
  }));
});

test('an error has lines that are in the file, and an excerpt that shows the first', () => {
  fc.assert(fc.property(valid, (text) => {
    try {
      planDockerfile(text, { buildPlatform: PLATFORM });
    } catch (error) {
      assert.ok(error instanceof DockerfileError);
      const { lines } = error;
      if (lines === undefined) return;
      assert.ok(lines.start >= 1 && lines.end >= lines.start && lines.end <= text.split('\n').length, JSON.stringify(lines));
      assert.match(renderExcerpt({ file: 'D', text, lines, token: error.token }), />>>/);
    }
  }));
});

describe('shell patterns agree with regular expressions', () => {
  const pattern = fc.string({ unit: fc.constantFrom('*', '?', 'a', 'b'), maxLength: 6 });
  const subject = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 12 });
  test('prefixes', () => {
    fc.assert(fc.property(pattern, subject, (source, text) => {
      const regular = new RegExp(`^${source.replaceAll('?', '[^\n]').replaceAll('*', '[^\n]*')}`);
      assert.equal(ShellPattern.parse(source).withoutPrefix(text, true), text.replace(regular, ''));
    }));
  });

  test('all matches', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('*', 'a', 'b'), minLength: 1, maxLength: 6 }).filter((source) => /[ab]/.test(source)), subject, (source, text) => {
      assert.equal(ShellPattern.parse(source).replace(text, 'X', true), text.replace(new RegExp(source.replaceAll('*', '[^\n]*'), 'g'), 'X'));
    }));
  });
});

describe('hostile text takes time in proportion', () => {
  const quickly = (name: string, body: () => unknown): void => void test(name, () => {
    const started = performance.now();
    attempt(body);
    assert.ok(performance.now() - started < 4000, `${performance.now() - started} ms`);
  });
  const plan = (text: string): unknown => planDockerfile(text, { buildPlatform: PLATFORM });
  const long = 'a'.repeat(60_000);
  quickly('a line of a megabyte', () => plan(`FROM scratch\nRUN ${'a '.repeat(500_000)}`));
  quickly('a continued line of many megabytes', () => plan(`FROM scratch\nENV ${`a=b \\\n`.repeat(300_000)}`));
  quickly('a directive of blanks', () => plan(`# syntax=${' '.repeat(60_000)}x${' '.repeat(5_000)}\nFROM scratch`));
  quickly('a heredoc of many megabytes', () => plan(`FROM scratch\nCOPY <<EOF /x\n${'$a line\n'.repeat(400_000)}EOF\n`));
  quickly('many heredocs', () => plan(`FROM scratch\nRUN ${'<<A '.repeat(15_000)}\n${'A\n'.repeat(15_000)}`));
  quickly('deep substitutions', () => expand('${a:-'.repeat(10_000), new Map()));
  quickly('deep JSON', () => plan(`FROM scratch\nCMD ${'['.repeat(30_000)}${']'.repeat(30_000)}`));
  quickly('deep ONBUILD', () => plan(`FROM scratch\n${'ONBUILD '.repeat(8_000)}RUN x`));
  quickly('open quotes', () => plan(`FROM scratch\n${`COPY ${'"'.repeat(60_001)} x\n`.repeat(20)}`));
  quickly('a pattern against a long value', () => expand(`\${a//${'*a'.repeat(500)}b/x}`, new Map([['a', long]])));
  quickly('a pattern that is too long', () => expand(`\${a%%${'?*'.repeat(20_000)}}`, new Map([['a', long]])));
  quickly('blanks at an end', () => plan(`FROM scratch\n${`RUN ${' '.repeat(50_000)}x${' '.repeat(10_000)}\n`.repeat(20)}`));
  quickly('flags without end', () => plan(`FROM scratch\nRUN ${'--mount=type=cache,target=/x '.repeat(2_000)}x`));
  quickly('ports without end', () => plan(`FROM scratch\n${'EXPOSE 1-65535\n'.repeat(50)}`));
  quickly('misspelt names', () => plan(`FROM scratch\n${`ENV ${'v'.repeat(100)}=1\n`.repeat(2000)}`));
});
