import { mapOf, message } from './protobuf.ts';

/** What the client of a build serves: moby.filesync.v1, moby.buildkit.secrets.v1, moby.sshforward.v1, moby.upload.v1, and fsutil.types. */
export const BYTES_MESSAGE = message({ data: [1, 'bytes'] });

/** fsutil.types.Stat. `mode` has Go's os.FileMode bits, `modTime` is in nanoseconds. */
export const STAT = message({
  path: [1, 'string'], mode: [2, 'int'], uid: [3, 'int'], gid: [4, 'int'], size: [5, 'int'], modTime: [6, 'bigint'], linkname: [7, 'string'],
  devmajor: [8, 'int'], devminor: [9, 'int'], xattrs: [10, mapOf('bytes')],
});
export const PACKET_TYPE = { stat: 0, request: 1, data: 2, fin: 3, error: 4 } as const;
/** fsutil.types.Packet. */
export const PACKET = message({ type: [1, 'int'], stat: [2, STAT], id: [3, 'int'], data: [4, 'bytes'] });

export const CREDENTIALS_REQUEST = message({ host: [1, 'string'] });
export const CREDENTIALS_RESPONSE = message({ username: [1, 'string'], secret: [2, 'string'] });
export const GET_SECRET_REQUEST = message({ id: [1, 'string'], annotations: [2, mapOf('string')] });
export const GET_SECRET_RESPONSE = message({ data: [1, 'bytes'] });
export const CHECK_AGENT_REQUEST = message({ id: [1, 'string'] });
