import { dirname } from 'node:path';

/** Takes the arguments after the task's name and answers with the exit code. */
export type Task = (args: readonly string[]) => Promise<number>;

/** The root of the checkout. */
export const root = dirname(dirname(import.meta.dirname));
