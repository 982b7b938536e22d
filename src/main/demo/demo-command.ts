import { styleText } from 'node:util';
import type { CommandSpec } from '#cli/command-spec.ts';
import type { CliContext } from '#cli/command-spec.ts';
import { noOperands } from '#cli/grammar/arity.ts';
import { boolFlag } from '#cli/grammar/flag.ts';
import { DEMO, runDemo } from './demo.ts';
import { takeDown } from './down.ts';

async function up(context: CliContext): Promise<number> {
  const began = performance.now();
  const address = await runDemo(await context.client(), (line) => context.err(`gantry: ${line}\n`));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const strong = (text: string): string => (context.io.stdout.isTTY === true ? styleText('bold', text, { validateStream: false }) : text);
  context.out(`
nginx answers in a container at ${strong(address)}  (after ${seconds} s)

  gantry ps                        what runs
  gantry logs ${DEMO.container}                 what it wrote
  gantry exec -it ${DEMO.container} bash        a shell in it
  gantry images                    the layers' images
  gantry demo --down               take all of it away again

Any docker client works too:  export DOCKER_HOST=${context.options.address.text}
`);
  return 0;
}

export const demoCommand: CommandSpec = {
  summary: 'Build a web server from the distribution, run it, and fetch its page',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [boolFlag('down', '', 'Take away what the demo made, and the daemon if it holds nothing else')],
  run: async (context, args) => (args.bool('down') ? await takeDown(context) : await up(context)),
};
