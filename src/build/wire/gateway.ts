import { CACHE_OPTION, DEFINITION, RANGE, SOURCE_INFO, STATUS, WORKER_RECORD } from './common.ts';
import { STAT } from './session.ts';
import { mapOf, message, repeated } from './protobuf.ts';

/** moby.buildkit.v1.frontend.LLBBridge (BuildKit frontend/gateway/pb/gateway.proto). */
export const API_CAP = message({ id: [1, 'string'], enabled: [2, 'bool'], deprecated: [3, 'bool'], disabledReason: [4, 'string'], disabledReasonMsg: [5, 'string'], disabledAlternative: [6, 'string'] });
export const PONG_RESPONSE = message({ frontendCaps: [1, repeated(API_CAP)], llbCaps: [2, repeated(API_CAP)], workers: [3, repeated(WORKER_RECORD)] });

export const REF = message({ id: [1, 'string'], def: [2, DEFINITION] });
const REF_MAP = message({ refs: [1, mapOf(REF)] });
const ATTESTATION = message({ kind: [1, 'int'], metadata: [2, mapOf('bytes')], ref: [3, REF], path: [4, 'string'], predicateType: [5, 'string'] });
const ATTESTATIONS = message({ attestation: [1, repeated(ATTESTATION)] });
export const RESULT = message({ ref: [3, REF], refs: [4, REF_MAP], metadata: [10, mapOf('bytes')], attestations: [12, mapOf(ATTESTATIONS)] });

export const BRIDGE_SOLVE_REQUEST = message({
  definition: [1, DEFINITION], frontend: [2, 'string'], frontendOpt: [3, mapOf('string')], cacheImports: [12, repeated(CACHE_OPTION)], frontendInputs: [13, mapOf(DEFINITION)], evaluate: [14, 'bool'],
});
export const BRIDGE_SOLVE_RESPONSE = message({ ref: [1, 'string'], result: [3, RESULT] });
export const RETURN_REQUEST = message({ result: [1, RESULT], error: [2, STATUS] });
export const EVALUATE_REQUEST = message({ ref: [1, 'string'] });
const FILE_RANGE = message({ offset: [1, 'int'], length: [2, 'int'] });
export const READ_FILE_REQUEST = message({ ref: [1, 'string'], filePath: [2, 'string'], range: [3, FILE_RANGE] });
export const READ_FILE_RESPONSE = message({ data: [1, 'bytes'] });
export const READ_DIR_REQUEST = message({ ref: [1, 'string'], dirPath: [2, 'string'], includePattern: [3, 'string'] });
export const READ_DIR_RESPONSE = message({ entries: [1, repeated(STAT)] });
export const STAT_FILE_REQUEST = message({ ref: [1, 'string'], path: [2, 'string'] });
export const STAT_FILE_RESPONSE = message({ stat: [1, STAT] });
export const WARN_REQUEST = message({ digest: [1, 'string'], level: [2, 'int'], short: [3, 'bytes'], detail: [4, repeated('bytes')], url: [5, 'string'], info: [6, SOURCE_INFO], ranges: [7, repeated(RANGE)] });
export const EMPTY = message({});
