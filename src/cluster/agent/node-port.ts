import type { Readings } from './pressure/thresholds.ts';
import type { DirectoryPlan } from './volumes.ts';

/** What the agent needs of its machine beside the engine. */
export interface NodePort {
  /** Makes a pod's volume as planned, or brings it up to date; answers where it is. */
  provideVolume(podUid: string, volume: DirectoryPlan): Promise<string>;
  removeVolumes(podUid: string): Promise<void>;
  /** A seccomp profile that the node has, as JSON. @param path below the directory of profiles @throws GantryError not-found, invalid */
  seccompProfile(path: string): Promise<string>;
  /** The file in which a run of a container can say why it ended, made where it is not there. Anybody may write it. @param name of the run, for people */
  terminationFile(podUid: string, name: string): Promise<string>;
  /** The end of it, at most so many bytes; nothing where there is no file. */
  readTermination(podUid: string, name: string, most: number): Promise<Uint8Array>;
  /** Removes a volume that was made for a claim, with all that is in it. @throws GantryError invalid for a path that is no such volume's */
  removeClaimVolume(path: string): Promise<void>;
  /** Pods that have volumes here. */
  podsWithVolumes(): Promise<readonly string[]>;
  /** What the machine has left of memory, disk and process ids. */
  readings(): Promise<Readings>;
  /** What a volume of a pod takes of the disk. */
  volumeBytes(podUid: string, volume: string): Promise<number>;
  /** What the whole machine has used of its processors since it began, and holds of memory now. */
  machineUsage(): Promise<{ readonly cpuNs: number; readonly memoryBytes: number }>;
  /** Whether an HTTP request is answered with a status from 200 to 399. */
  httpGet(request: { readonly address: string; readonly port: number; readonly path: string; readonly isTls: boolean; readonly headers: readonly (readonly [string, string])[]; readonly timeoutMs: number }): Promise<ProbeOutcome>;
  /** Whether `grpc.health.v1.Health/Check` says that a service serves. */
  grpcHealth(request: { readonly address: string; readonly port: number; readonly service: string; readonly timeoutMs: number }): Promise<ProbeOutcome>;
  tcpConnect(request: { readonly address: string; readonly port: number; readonly timeoutMs: number }): Promise<ProbeOutcome>;
}

export interface ProbeOutcome {
  readonly ok: boolean;
  /** What a person wants to know of a failure. */
  readonly message: string;
}
