/** Arguments of `cluster up` in scenarios: how full the machine is that they run on is not what they are about. */
export const UNPRESSED = ['--eviction-hard', 'none'] as const;
