import type { ContainerId } from '#container/model/ids.ts';

// How long a container's last word may be (kubernetes.io, "Determine the Reason for Pod Failure").

/** Of a container's file. */
export const LONGEST_MESSAGE = 4096;
/** Of all of a pod together; each has as much of it as any other. */
const LONGEST_OF_POD = 12 * 1024;
/** Of its log, where that is taken in place of the file. */
export const LOG_LINES = 80;
const LOG_BYTES = 2048;

export const textOfEnd = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.length > LOG_BYTES ? bytes.subarray(bytes.length - LOG_BYTES) : bytes);

/** Messages as short as all of the pod's have to be. @param containers that the pod has */
export function sharedOut(messages: ReadonlyMap<ContainerId, string>, containers: number): ReadonlyMap<ContainerId, string> {
  const most = Math.floor(LONGEST_OF_POD / Math.max(1, containers));
  return new Map([...messages].map(([id, text]) => [id, beginning(text, most)]));
}

/** Bytes are bounded, and no character is cut in two. */
function beginning(text: string, most: number): string {
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= most ? text : new TextDecoder().decode(bytes.subarray(0, most), { stream: true });
}
