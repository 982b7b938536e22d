import { BUILDKIT_VERSION, CACHE_OPTION, DEFINITION, EXPORTER, RANGE, SOURCE_INFO, TIMESTAMP, WORKER_RECORD } from './common.ts';
import { mapOf, message, repeated } from './protobuf.ts';

/** moby.buildkit.v1.Control (BuildKit api/services/control/control.proto). */
export const LIST_WORKERS_REQUEST = message({ filter: [1, repeated('string')] });
export const LIST_WORKERS_RESPONSE = message({ record: [1, repeated(WORKER_RECORD)] });
export const INFO_RESPONSE = message({ version: [1, BUILDKIT_VERSION] });

const CACHE_OPTIONS = message({ exports: [4, repeated(CACHE_OPTION)], imports: [5, repeated(CACHE_OPTION)] });

export const SOLVE_REQUEST = message({
  ref: [1, 'string'], definition: [2, DEFINITION], exporterDeprecated: [3, 'string'], exporterAttrsDeprecated: [4, mapOf('string')], session: [5, 'string'],
  frontend: [6, 'string'], frontendAttrs: [7, mapOf('string')], cache: [8, CACHE_OPTIONS], entitlements: [9, repeated('string')],
  frontendInputs: [10, mapOf(DEFINITION)], internal: [11, 'bool'], exporters: [13, repeated(EXPORTER)], enableSessionExporter: [14, 'bool'],
});
export const SOLVE_RESPONSE = message({ exporterResponse: [1, mapOf('string')] });

export const STATUS_REQUEST = message({ ref: [1, 'string'] });
export const VERTEX = message({
  digest: [1, 'string'], inputs: [2, repeated('string')], name: [3, 'string'], cached: [4, 'bool'], started: [5, TIMESTAMP], completed: [6, TIMESTAMP], error: [7, 'string'],
});
export const VERTEX_STATUS = message({
  id: [1, 'string'], vertex: [2, 'string'], name: [3, 'string'], current: [4, 'int'], total: [5, 'int'], timestamp: [6, TIMESTAMP], started: [7, TIMESTAMP], completed: [8, TIMESTAMP],
});
export const VERTEX_LOG = message({ vertex: [1, 'string'], timestamp: [2, TIMESTAMP], stream: [3, 'int'], msg: [4, 'bytes'] });
export const VERTEX_WARNING = message({
  vertex: [1, 'string'], level: [2, 'int'], short: [3, 'bytes'], detail: [4, repeated('bytes')], url: [5, 'string'], info: [6, SOURCE_INFO], ranges: [7, repeated(RANGE)],
});
export const STATUS_RESPONSE = message({
  vertexes: [1, repeated(VERTEX)], statuses: [2, repeated(VERTEX_STATUS)], logs: [3, repeated(VERTEX_LOG)], warnings: [4, repeated(VERTEX_WARNING)],
});

export const USAGE_RECORD = message({
  id: [1, 'string'], mutable: [2, 'bool'], inUse: [3, 'bool'], size: [4, 'int'], createdAt: [6, TIMESTAMP], lastUsedAt: [7, TIMESTAMP], usageCount: [8, 'int'],
  description: [9, 'string'], recordType: [10, 'string'], shared: [11, 'bool'], parents: [12, repeated('string')],
});
export const PRUNE_REQUEST = message({
  filter: [1, repeated('string')], all: [2, 'bool'], keepDuration: [3, 'bigint'], reservedSpace: [4, 'int'], maxUsedSpace: [5, 'int'], minFreeSpace: [6, 'int'],
});
export const DISK_USAGE_REQUEST = message({ filter: [1, repeated('string')], ageLimit: [2, 'bigint'] });
export const DISK_USAGE_RESPONSE = message({ record: [1, repeated(USAGE_RECORD)] });
