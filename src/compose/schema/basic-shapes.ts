import { either, list, map, scalar, struct } from './shape.ts';

export const text = scalar('string');
export const flag = scalar('boolean|string');
export const wholeNumber = scalar('integer|string');
export const number = scalar('number|string');
export const nothing = scalar('null');

/** Names of services, networks and the like. */
export const NAME = /^[a-zA-Z0-9._-]+$/;
const ANY = /^.+$/s;

export const texts = list(text);
export const distinctTexts = list(text, true);
export const textOrTexts = either(text, distinctTexts);
export const pairs = either(map(ANY, scalar('string|number|boolean|null')), distinctTexts);
export const driverOptions = map(ANY, scalar('string|number'), true);
export const hosts = either(map(ANY, either(text, texts)), distinctTexts);
export const command = either(nothing, text, texts);
export const hook = struct({ command, user: text, privileged: flag, working_dir: text, environment: pairs }, { required: ['command'] });
export const fileMounts = list(either(text, struct({ source: text, target: text, uid: text, gid: text, mode: number })));
export const ulimits = map(/^[a-z]+$/, either(wholeNumber, struct({ hard: wholeNumber, soft: wholeNumber }, { required: ['soft', 'hard'] })), true);
export const external = either(flag, struct({ name: text }));
export const openExternal = either(flag, struct({ name: text }, { open: true }));
