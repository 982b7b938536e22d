import { runProcess } from './program.ts';

await runProcess();
