import type { TestEvent as Reported } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { TestEvent } from './tally.ts';

/** A reporter for `node --test-reporter`: one `TestEvent` as JSON per line. */
export default async function* eventReporter(source: AsyncIterable<Reported>): AsyncGenerator<string> {
  const names: string[] = [];
  for await (const event of source) {
    if (event.type === 'test:start') {
      names.length = event.data.nesting;
      names.push(event.data.name);
    } else if (event.type === 'test:pass' || event.type === 'test:fail') {
      yield `${JSON.stringify(ended(event, names))}\n`;
    }
  }
}

function ended(event: Extract<Reported, { type: 'test:pass' | 'test:fail' }>, names: readonly string[]): TestEvent {
  const { name, nesting, skip, todo, details } = event.data;
  const error = event.type === 'test:fail' ? event.data.details.error : undefined;
  return {
    name: [...names.slice(0, nesting), name].join(' > '),
    passed: event.type === 'test:pass',
    suite: details.type === 'suite',
    ...(skip === undefined || skip === false ? {} : { skip }),
    ...(todo === undefined || todo === false ? {} : { todo }),
    ...(error === undefined ? {} : {
      failureType: String((error as { failureType?: unknown }).failureType),
      error: render(error.cause ?? error),
    }),
  };
}

/** A failed assertion has said all in its message; other errors also tell by their fields. Node's own frames tell nothing. */
function render(error: unknown): string {
  const assertion = error instanceof Error && (error as { code?: unknown }).code === 'ERR_ASSERTION';
  const text = assertion ? (error.stack ?? error.message) : inspect(error, { depth: 6 });
  return text.split('\n').filter((line) => !/^\s+at .*\(?node:/.test(line)).join('\n');
}
