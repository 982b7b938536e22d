import { distinctTexts, nothing, number, pairs, text, texts, wholeNumber } from './basic-shapes.ts';
import { either, list, oneOfTexts, struct } from './shape.ts';

const update = struct({
  parallelism: wholeNumber, delay: text, failure_action: text, monitor: text, max_failure_ratio: number, order: oneOfTexts('start-first', 'stop-first'),
});

const deviceFields = { capabilities: distinctTexts, count: wholeNumber, device_ids: distinctTexts, driver: text, options: pairs };

export const gpus = either(oneOfTexts('all'), list(struct(deviceFields, { open: true })));

export const deployShape = either(nothing, struct({
  mode: text, endpoint_mode: text, replicas: wholeNumber, labels: pairs, rollback_config: update, update_config: update,
  resources: struct({
    limits: struct({ cpus: number, memory: text, pids: wholeNumber }),
    reservations: struct({
      cpus: number, memory: text,
      generic_resources: list(struct({ discrete_resource_spec: struct({ kind: text, value: number }) })),
      devices: list(struct(deviceFields, { required: ['capabilities'] })),
    }),
  }),
  restart_policy: struct({ condition: text, delay: text, max_attempts: wholeNumber, window: text }),
  placement: struct({ constraints: texts, preferences: list(struct({ spread: text })), max_replicas_per_node: wholeNumber }),
}));
