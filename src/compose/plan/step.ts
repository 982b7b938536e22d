import type { CreateRequest } from '../lower/create-request.ts';
import type { Hook } from '../model/service-kind.ts';

/** A file that goes into a container before it starts. */
export interface CopiedFile {
  readonly target: string;
  readonly content: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What another container waits for. */
export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully' | 'running_or_healthy';

/** One thing to do. Containers are named by their names, which the plan chose, or by the ids that were observed. */
export type Step =
  | { readonly kind: 'pull-image'; readonly image: string; readonly platform: string; readonly ignoreFailure: boolean }
  | { readonly kind: 'build-image'; readonly service: string; readonly image: string }
  | { readonly kind: 'provide-service'; readonly service: string; readonly provider: string }
  | { readonly kind: 'withdraw-service'; readonly service: string; readonly provider: string }
  | { readonly kind: 'create-network'; readonly name: string; readonly request: object }
  | { readonly kind: 'remove-network'; readonly name: string }
  | { readonly kind: 'create-volume'; readonly name: string; readonly request: object }
  | { readonly kind: 'remove-volume'; readonly name: string }
  | { readonly kind: 'remove-image'; readonly image: string }
  | { readonly kind: 'create-container'; readonly service: string; readonly name: string; readonly platform: string; readonly request: CreateRequest; readonly files: readonly CopiedFile[] }
  | { readonly kind: 'rename-container'; readonly service: string; readonly container: string; readonly name: string }
  | { readonly kind: 'start-container'; readonly service: string; readonly container: string }
  | { readonly kind: 'restart-container'; readonly service: string; readonly container: string; readonly timeoutSeconds: number | undefined }
  | { readonly kind: 'stop-container'; readonly service: string; readonly container: string; readonly id: string; readonly timeoutSeconds: number | undefined }
  | { readonly kind: 'kill-container'; readonly service: string; readonly container: string; readonly signal: string }
  | { readonly kind: 'pause-container'; readonly service: string; readonly container: string }
  | { readonly kind: 'unpause-container'; readonly service: string; readonly container: string }
  | { readonly kind: 'remove-container'; readonly service: string; readonly container: string; readonly id: string; readonly volumes: boolean; readonly force: boolean }
  | { readonly kind: 'run-hook'; readonly service: string; readonly container: string; readonly hook: Hook }
  | { readonly kind: 'wait-for'; readonly service: string; readonly containers: readonly string[]; readonly condition: Condition; readonly required: boolean; readonly timeoutSeconds?: number };

/** What a step is about, for the lines of progress: `Container shop-web-1`. */
export function subjectOf(step: Step): string {
  switch (step.kind) {
    case 'pull-image': case 'remove-image': return `Image ${step.image}`;
    case 'build-image': case 'provide-service': case 'withdraw-service': return `Service ${step.service}`;
    case 'create-network': case 'remove-network': return `Network ${step.name}`;
    case 'create-volume': case 'remove-volume': return `Volume ${step.name}`;
    case 'create-container': return `Container ${step.name}`;
    case 'wait-for': return `Container ${step.containers.join(', ')}`;
    default: return `Container ${step.container}`;
  }
}

/** What is said while a step runs, and when it is done. */
export const verbs: { readonly [K in Step['kind']]: readonly [doing: string, done: string] } = {
  'pull-image': ['Pulling', 'Pulled'],
  'build-image': ['Building', 'Built'],
  'provide-service': ['Creating', 'Created'],
  'withdraw-service': ['Removing', 'Removed'],
  'create-network': ['Creating', 'Created'],
  'remove-network': ['Removing', 'Removed'],
  'create-volume': ['Creating', 'Created'],
  'remove-volume': ['Removing', 'Removed'],
  'remove-image': ['Removing', 'Removed'],
  'create-container': ['Creating', 'Created'],
  'rename-container': ['Renaming', 'Renamed'],
  'start-container': ['Starting', 'Started'],
  'restart-container': ['Restarting', 'Started'],
  'stop-container': ['Stopping', 'Stopped'],
  'kill-container': ['Killing', 'Killed'],
  'pause-container': ['Pausing', 'Paused'],
  'unpause-container': ['Unpausing', 'Unpaused'],
  'remove-container': ['Removing', 'Removed'],
  'run-hook': ['Running a hook', 'Hook done'],
  'wait-for': ['Waiting', 'Healthy'],
};
