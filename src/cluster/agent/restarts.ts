import type { AgentPodSpec, PodContainer } from './pod.ts';

/**
 * Whether a container that ended so is started again: the first of its own rules that speaks of the exit code says yes, else
 * its own policy decides, else that of the pod (KEP-5307). An init container that ended well has done what it is for.
 */
export function isStartedAgain(spec: AgentPodSpec, container: PodContainer, exitCode: number): boolean {
  if ((spec.ephemeralContainers ?? []).includes(container)) return false;
  const isInit = (spec.initContainers ?? []).includes(container);
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  if (isInit && container.restartPolicy === 'Always') return true;
  if (isInit && exitCode === 0) return false;
  const isMeant = (container.restartPolicyRules ?? []).some(({ action, exitCodes: { operator = '', values = [] } = {} }) => action === 'Restart' && (operator === 'In' ? values.includes(exitCode) : operator === 'NotIn' && !values.includes(exitCode)));
  if (isMeant) return true;
  return isInit ? policy !== 'Never' : policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}
