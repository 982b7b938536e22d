import { bench } from '../../bench/run.ts';
import { root, type Task } from './task.ts';

export const task: Task = (args) => bench(root, args);
