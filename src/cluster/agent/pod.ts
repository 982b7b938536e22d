import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';

// `core.v1.PodSpec`, as far as the agent looks at it. Field names are the API's.

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly configMapKeyRef?: KeyReference;
    readonly secretKeyRef?: KeyReference;
    readonly resourceFieldRef?: { readonly resource: string; readonly containerName?: string; readonly divisor?: string };
  };
}

export interface KeyReference {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
}

export interface VolumeMount {
  readonly mountPropagation?: string;
  readonly recursiveReadOnly?: string;
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  /** With variables of the container's environment. */
  readonly subPathExpr?: string;
}

/** `core.v1.ProbeHandler` and `.LifecycleHandler`. */
export interface PodHandler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: { readonly path?: string; readonly port: number | string; readonly host?: string; readonly scheme?: string; readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[] };
  readonly tcpSocket?: { readonly port: number | string; readonly host?: string };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly sleep?: { readonly seconds: number };
}

export interface PodProbe extends PodHandler {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  /** In place of the pod's, where this probe is why the container ends. */
  readonly terminationGracePeriodSeconds?: number;
}

export interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly seccompProfile?: { readonly type: string; readonly localhostProfile?: string };
  readonly privileged?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
}

export interface ResourceLists {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

export interface PodContainer {
  readonly name: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFrom[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly hostPort?: number; readonly hostIP?: string; readonly protocol?: string }[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly resources?: ResourceLists;
  readonly resizePolicy?: readonly { readonly resourceName: string; readonly restartPolicy: string }[];
  readonly securityContext?: SecurityContext;
  readonly livenessProbe?: PodProbe;
  readonly readinessProbe?: PodProbe;
  readonly startupProbe?: PodProbe;
  readonly lifecycle?: { readonly postStart?: PodHandler; readonly preStop?: PodHandler; readonly stopSignal?: string };
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: string;
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly { readonly action: string; readonly exitCodes?: { readonly operator?: string; readonly values?: readonly number[] } }[];
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
}

/** One that is added to a pod that is there, to look at it: `core.v1.EphemeralContainer`. */
export interface EphemeralContainer extends PodContainer {
  /** Whose processes it sees. */
  readonly targetContainerName?: string;
}

export interface PodVolume {
  readonly name: string;
  readonly [source: string]: unknown;
}

export interface AgentPodSpec {
  readonly nodeName?: string;
  readonly containers: readonly PodContainer[];
  readonly initContainers?: readonly PodContainer[];
  readonly ephemeralContainers?: readonly EphemeralContainer[];
  readonly volumes?: readonly PodVolume[];
  readonly readinessGates?: readonly { readonly conditionType: string }[];
  readonly restartPolicy?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostUsers?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly setHostnameAsFQDN?: boolean;
  readonly hostnameOverride?: string;
  readonly enableServiceLinks?: boolean;
  readonly dnsPolicy?: string;
  readonly dnsConfig?: { readonly nameservers?: readonly string[]; readonly searches?: readonly string[]; readonly options?: readonly { readonly name: string; readonly value?: string }[] };
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[];
  readonly securityContext?: SecurityContext & { readonly fsGroup?: number; readonly supplementalGroupsPolicy?: string; readonly fsGroupChangePolicy?: string; readonly supplementalGroups?: readonly number[]; readonly sysctls?: readonly { readonly name: string; readonly value: string }[] };
  readonly serviceAccountName?: string;
}

export const specOf = (pod: KubeObject): AgentPodSpec => pod['spec'] as unknown as AgentPodSpec;
export const statusOf = (pod: KubeObject): JsonObject => (pod['status'] ?? {}) as JsonObject;

/** A container of any kind, by its name. */
export function containerNamed(pod: KubeObject, name: string): PodContainer | undefined {
  const { containers, initContainers = [], ephemeralContainers = [] } = specOf(pod);
  return [...initContainers, ...containers, ...ephemeralContainers].find((each) => each.name === name);
}

/** An init container that goes on beside the others. */
export const isSidecar = (container: PodContainer): boolean => container.restartPolicy === 'Always';

/** Whether it was said to have come to its end. */
export function isOver(pod: KubeObject): boolean {
  const { phase } = statusOf(pod);
  return phase === 'Succeeded' || phase === 'Failed';
}

/** When a pod that has a deadline has had its time. */
export function deadlineMs(pod: KubeObject): number | undefined {
  const { activeDeadlineSeconds } = specOf(pod);
  const started = statusOf(pod)['startTime'];
  return activeDeadlineSeconds === undefined || typeof started !== 'string' ? undefined : Date.parse(started) + activeDeadlineSeconds * 1000;
}
