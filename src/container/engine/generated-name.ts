import type { Random } from '#base/random.ts';

const QUALITIES = [
  'able', 'ample', 'apt', 'balmy', 'brave', 'brisk', 'calm', 'clear', 'cosy', 'crisp', 'deft', 'eager', 'fair', 'fleet', 'frank', 'fresh',
  'glad', 'grand', 'hale', 'handy', 'hardy', 'keen', 'kind', 'lean', 'light', 'lively', 'loyal', 'lucid', 'merry', 'mild', 'neat', 'nimble',
  'noble', 'plain', 'prime', 'proud', 'pure', 'quick', 'quiet', 'rapid', 'ready', 'ripe', 'robust', 'sane', 'sharp', 'smart', 'snug', 'solid',
  'sound', 'spry', 'stable', 'steady', 'stout', 'sunny', 'sure', 'swift', 'tidy', 'true', 'vivid', 'warm', 'wary', 'whole', 'wise', 'witty',
];
const THINGS = [
  'anchor', 'barge', 'basin', 'beacon', 'berth', 'boom', 'bow', 'bridge', 'buoy', 'cable', 'canal', 'capstan', 'cargo', 'chain', 'cleat', 'crane',
  'deck', 'derrick', 'dock', 'dredger', 'ferry', 'fleet', 'forklift', 'freighter', 'gangway', 'girder', 'hangar', 'harbour', 'hatch', 'hawser', 'helm', 'hoist',
  'hook', 'hull', 'jetty', 'keel', 'ladder', 'lantern', 'lever', 'lighter', 'lock', 'mast', 'mooring', 'pallet', 'pier', 'pilot', 'pulley', 'quay',
  'rail', 'ramp', 'rigging', 'rope', 'rudder', 'sail', 'siding', 'sling', 'spar', 'stern', 'tackle', 'terminal', 'tide', 'tug', 'wharf', 'winch',
];

/** `swift_quay`; a number follows where that is taken. */
export function generatedName(random: Random, isTaken: (name: string) => boolean): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = random.bytes(4);
  const stem = `${QUALITIES[first % QUALITIES.length]}_${THINGS[second % THINGS.length]}`;
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? stem : `${stem}${(third * 256 + fourth + number) % 100_000}`;
    if (!isTaken(name)) return name;
  }
}
