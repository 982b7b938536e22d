import { TIMESTAMP } from './common.ts';
import { mapOf, message } from './protobuf.ts';

/** containerd.services.content.v1.Content (containerd api/services/content/v1/content.proto): what a client keeps caches in. */
const INFO = message({ digest: [1, 'string'], size: [2, 'int'], createdAt: [3, TIMESTAMP], updatedAt: [4, TIMESTAMP], labels: [5, mapOf('string')] });
export const INFO_REQUEST = message({ digest: [1, 'string'] });
export const CONTENT_INFO_RESPONSE = message({ info: [1, INFO] });
export const READ_CONTENT_REQUEST = message({ digest: [1, 'string'], offset: [2, 'int'], size: [3, 'int'] });
export const READ_CONTENT_RESPONSE = message({ offset: [1, 'int'], data: [2, 'bytes'] });

export const WRITE_ACTION = { stat: 0, write: 1, commit: 2 } as const;
export const WRITE_CONTENT_REQUEST = message({ action: [1, 'int'], ref: [2, 'string'], total: [3, 'int'], expected: [4, 'string'], offset: [5, 'int'], data: [6, 'bytes'], labels: [7, mapOf('string')] });
export const WRITE_CONTENT_RESPONSE = message({ action: [1, 'int'], startedAt: [2, TIMESTAMP], updatedAt: [3, TIMESTAMP], offset: [4, 'int'], total: [5, 'int'], digest: [6, 'string'] });
