import { isKind, messageOf } from '#base/error.ts';
import { SANDBOX_NAME } from './observed.ts';
import { ImageTrouble } from './pod-image.ts';

/** Why a container could not be made, and until when it is not tried again. */
export interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly failures: number;
  readonly untilMs: number;
}

const FIRST_MS = 2_000;
const LONGEST_MS = 300_000;

/** @param reason where what was thrown is no matter of what the container asks for */
export function troubleOf(thrown: unknown, container: string, reason: string, before: Trouble | undefined, nowMs: number): Trouble {
  const failures = (before?.failures ?? 0) + 1;
  const told = isKind(thrown, 'invalid', 'not-found', 'unimplemented') && container !== SANDBOX_NAME ? 'CreateContainerConfigError' : reason;
  const ofImage = thrown instanceof ImageTrouble ? (thrown.reason === 'ErrImagePull' && failures > 1 ? 'ImagePullBackOff' : thrown.reason) : undefined;
  return {
    reason: ofImage ?? told, message: messageOf(thrown), failures, untilMs: nowMs + Math.min(FIRST_MS * 2 ** failures, LONGEST_MS),
  };
}
