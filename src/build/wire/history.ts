import { EXPORTER, STATUS, TIMESTAMP } from './common.ts';
import { mapOf, message, repeated } from './protobuf.ts';

/** What Control tells of builds that are over, or go on (BuildKit api/services/control/control.proto). */
export const BUILD_HISTORY_REQUEST = message({ activeOnly: [1, 'bool'], ref: [2, 'string'], earlyExit: [3, 'bool'], filter: [4, repeated('string')], limit: [5, 'int'] });
export const HISTORY_EVENT_TYPE = { started: 0, complete: 1, deleted: 2 } as const;
const DESCRIPTOR = message({ mediaType: [1, 'string'], digest: [2, 'string'], size: [3, 'int'], annotations: [5, mapOf('string')] });
const RESULT_INFO = message({ attestations: [2, repeated(DESCRIPTOR)] });
export const BUILD_HISTORY_RECORD = message({
  ref: [1, 'string'], frontend: [2, 'string'], frontendAttrs: [3, mapOf('string')], exporters: [4, repeated(EXPORTER)], error: [5, STATUS], createdAt: [6, TIMESTAMP], completedAt: [7, TIMESTAMP],
  exporterResponse: [9, mapOf('string')], result: [10, RESULT_INFO], pinned: [14, 'bool'], numCachedSteps: [15, 'int'], numTotalSteps: [16, 'int'], numCompletedSteps: [17, 'int'], numWarnings: [19, 'int'],
});
export const BUILD_HISTORY_EVENT = message({ type: [1, 'int'], record: [2, BUILD_HISTORY_RECORD] });
export const UPDATE_BUILD_HISTORY_REQUEST = message({ ref: [1, 'string'], pinned: [2, 'bool'], delete: [3, 'bool'], finalize: [4, 'bool'] });
