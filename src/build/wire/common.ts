import { mapOf, message, repeated } from './protobuf.ts';

/** Messages that several services share: google.protobuf.Timestamp, google.rpc.Status, and pb (BuildKit solver/pb/ops.proto). */
export const TIMESTAMP = message({ seconds: [1, 'int'], nanos: [2, 'int'] });
export const ANY = message({ typeUrl: [1, 'string'], value: [2, 'bytes'] });
export const STATUS = message({ code: [1, 'int'], message: [2, 'string'], details: [3, repeated(ANY)] });

export const PLATFORM = message({ architecture: [1, 'string'], os: [2, 'string'], variant: [3, 'string'], osVersion: [4, 'string'], osFeatures: [5, repeated('string')] });

export const INPUT = message({ digest: [1, 'string'], index: [2, 'int'] });
export const SOURCE_OP = message({ identifier: [1, 'string'], attrs: [2, mapOf('string')] });
/** Of all operations only a source is ever written or understood here: a definition is a name for a result of ours. */
export const OP = message({ inputs: [1, repeated(INPUT)], source: [3, SOURCE_OP], platform: [10, PLATFORM] });
/** Nothing of it is used here, but a definition without any counts as none for clients. */
const OP_METADATA = message({ ignoreCache: [1, 'bool'] });
export const DEFINITION = message({ def: [1, repeated('bytes')], metadata: [2, mapOf(OP_METADATA)] });

export const POSITION = message({ line: [1, 'int'], character: [2, 'int'] });
export const RANGE = message({ start: [1, POSITION], end: [2, POSITION] });
export const SOURCE_INFO = message({ filename: [1, 'string'], data: [2, 'bytes'], definition: [3, DEFINITION], language: [4, 'string'] });

/** moby.buildkit.v1.types (api/types/worker.proto). */
const GC_POLICY = message({ all: [1, 'bool'], keepDuration: [2, 'bigint'], reservedSpace: [3, 'int'], filters: [4, repeated('string')], maxUsedSpace: [5, 'int'], minFreeSpace: [6, 'int'] });
export const BUILDKIT_VERSION = message({ package: [1, 'string'], version: [2, 'string'], revision: [3, 'string'] });
export const WORKER_RECORD = message({ id: [1, 'string'], labels: [2, mapOf('string')], platforms: [3, repeated(PLATFORM)], gcPolicy: [4, repeated(GC_POLICY)], version: [5, BUILDKIT_VERSION] });

export const CACHE_OPTION = message({ type: [1, 'string'], attrs: [2, mapOf('string')] });
export const EXPORTER = message({ type: [1, 'string'], attrs: [2, mapOf('string')] });
