/** Pods: what is asked for as a whole, and what became of it. Containers and volumes have files of their own. */
export const corePods = `
Pod: A group of containers that run together on one node and share its network address and volumes.
PodSpec: What a pod consists of, and how and where it is to run.
  volumes: Storage that containers of the pod can mount by name.
  initContainers: Containers that run before the others, one after another; each must end well. Those with restartPolicy Always are sidecars and go on.
  containers: The main containers, at least one. None can be added or removed later.
  ephemeralContainers: Containers put into the running pod to examine it, by way of the ephemeralcontainers subresource.
  restartPolicy: Whether containers that ended are started again: Always, OnFailure or Never. Always unless given.
  terminationGracePeriodSeconds: Seconds between the request to end and the kill. Default 30; 0 kills at once.
  activeDeadlineSeconds: Seconds after its start at which the pod is ended and counts as failed.
  dnsPolicy: Whose resolver containers use: ClusterFirst (default), ClusterFirstWithHostNet, Default (the node's), or None (dnsConfig alone).
  nodeSelector: Labels that a node must have, with these values, for the pod to run there.
  serviceAccountName: The service account as which the pod's programs speak to the API. Default: default.
  serviceAccount: Deprecated spelling of serviceAccountName.
  automountServiceAccountToken: Whether a token of the service account is mounted into containers. The account's own setting holds unless given.
  nodeName: The node on which the pod runs. Usually the scheduler fills it in; given from the start, it bypasses the scheduler.
  hostNetwork: Whether the pod uses the node's network instead of one of its own. Default false.
  hostPID: Whether containers see the processes of the node. Default false.
  hostIPC: Whether containers use the node's shared memory, semaphores and message queues. Default false.
  shareProcessNamespace: Whether all containers of the pod see each other's processes. Default false; not together with hostPID.
  securityContext: User, groups and confinement for all containers that don't say otherwise.
  imagePullSecrets: Secrets of the namespace with credentials for the registries of the images.
  hostname: Name that the pod gives itself. Its own name unless given.
  subdomain: With hostname it makes up the full name HOSTNAME.SUBDOMAIN.NAMESPACE.svc, where a headless service is called so.
  affinity: Which nodes, and the company of which other pods, the pod needs, prefers or avoids.
  schedulerName: The scheduler that is to find a node. The default-scheduler unless given.
  tolerations: Taints of nodes that don't keep this pod away.
  hostAliases: Lines that are added to /etc/hosts of the containers.
  priorityClassName: Priority class from which the priority is taken. The cluster's default class unless given.
  priority: Importance as a number, filled in from the class: higher ones are scheduled first and may displace lower ones.
  dnsConfig: Resolver settings, added to those that dnsPolicy leads to.
  readinessGates: Conditions that must hold too, beside ready containers, for the pod to count as ready.
  runtimeClassName: The runtime class whose handler runs the pod. The node's ordinary runtime unless given.
  enableServiceLinks: Whether containers get variables with addresses of the namespace's services. Default true.
  preemptionPolicy: Whether the pod may displace pods of lower priority: PreemptLowerPriority (default) or Never.
  overhead: Resources that running the pod takes on top of its containers; filled in from the runtime class.
  topologySpreadConstraints: How evenly pods like this one are to be spread over zones, nodes or other groups. All must be met.
  setHostnameAsFQDN: Whether the kernel's hostname is the fully qualified name. Default false.
  os: Operating system that the pod is made for.
  hostUsers: Whether user ids in containers are those of the node. With false the pod has a user namespace of its own. Default true.
  schedulingGates: Names of what the scheduler must wait for. They can be removed, not added, after creation.
  resourceClaims: Claims of devices that are allocated before the pod may start, each under a name that containers use.
  resources: Requests and limits for the pod as a whole: cpu, memory and huge pages.
  hostnameOverride: The hostname inside of the pod, whatever hostname and subdomain say. DNS records stay as they are.
  schedulingGroup: Group of pods with which this one is scheduled together. Immutable; without one it is scheduled alone.
PodStatus: What became of a pod, as its node reports it.
  observedGeneration: The generation of the pod that this status takes account of.
  phase: Where it is in its life: Pending, Running, Succeeded, Failed or Unknown.
  conditions: Milestones such as PodScheduled, Initialized, ContainersReady and Ready.
  message: Why the pod is in this state, for people.
  reason: Why the pod is in this state, in one CamelCase word, such as Evicted.
  nominatedNodeName: Node on which room is being made for this pod. It may still go elsewhere.
  hostIP: Address of the node on which the pod runs.
  hostIPs: All addresses of the node, hostIP being the first.
  podIP: The pod's address within the cluster. Empty until it has one.
  podIPs: The pod's addresses, one for each IP family, podIP being the first.
  startTime: When the node took the pod on, before any image was pulled.
  initContainerStatuses: State of each init container, in the order of the spec.
  containerStatuses: State of each main container.
  qosClass: How the pod is treated when resources run short: Guaranteed, Burstable or BestEffort, by its requests and limits.
  ephemeralContainerStatuses: State of each ephemeral container.
  resize: Deprecated: how far a change of resources has come. Conditions tell it now.
  resourceClaimStatuses: Which ResourceClaim object stands behind each claim of the pod.
  extendedResourceClaimStatus: Claim made to satisfy extended resources by devices of dynamic allocation.
  allocatedResources: Requests that the node has set aside for the whole pod.
  resources: Requests and limits now in force for the pod as a whole.
  nodeAllocatableResourceClaimStatuses: Ordinary resources such as cpu and memory that came with claims of devices.
PodCondition < meta.Condition: One milestone of a pod's life, and whether it is reached.
  observedGeneration: The generation of the pod for which this was found.
  lastProbeTime: When it was last looked at.
HostIP: One address of a node.
  ip: The address, IPv4 or IPv6.
PodIP: One address of a pod.
  ip: The address, IPv4 or IPv6.
PodOS: The operating system that a pod is made for.
  name: Either linux or windows. Fields that the other one lacks must then be unset.
PodSchedulingGate: One thing that has to happen before the scheduler looks at the pod.
  name: Name of the gate, unique in the pod.
PodSchedulingGroup: Names the group with which a pod is scheduled.
  podGroupName: Name of the PodGroup object in the pod's namespace.
PodReadinessGate: A condition that somebody outside of the pod sets.
  conditionType: Type of the condition in the pod's status that must be True.
PodResourceClaim: Gives a claim of devices a name in the pod. Either a claim or a template is named.
  name: What containers call it; unique in the pod.
  resourceClaimName: An existing ResourceClaim of the namespace.
  resourceClaimTemplateName: Template from which a claim is made for this pod, and removed with it.
PodResourceClaimStatus: Which object stands behind a claim of the pod.
  name: Name of the claim in the pod's spec.
  resourceClaimName: The ResourceClaim made from the template. Empty where none was needed.
PodExtendedResourceClaimStatus: The claim behind extended resources that devices satisfy.
  requestMappings: Which request of the claim belongs to which resource of which container.
  resourceClaimName: The ResourceClaim that was made for the pod.
ContainerExtendedResourceRequest: Connects a container's extended resource with a request of the claim.
  containerName: The container that asked for it.
  resourceName: Name of the extended resource there.
  requestName: Name of the request in the claim.
NodeAllocatableResourceClaimStatus: Ordinary resources that one claim brought.
  resourceClaimName: The claim.
  containers: Containers of the pod that use the claim.
  resources: Amounts by the name of the resource.
HostAlias: An address with the names under which the pod knows it.
  ip: The address.
  hostnames: Names for the address.
PodDNSConfig: Lines for the pod's /etc/resolv.conf.
  nameservers: Addresses of further name servers.
  searches: Further domains in which short names are looked up.
  options: Further options of the resolver; one of the same name takes the place of the former.
PodDNSConfigOption: One option of the resolver.
  name: Name of the option, such as ndots.
  value: Its value, where it has one.
PodTemplate: A stored template of pods. Workloads carry their own; few use this.
  template: The pods that are made from it.
PodTemplateSpec: A pattern from which pods are made.
  metadata: Labels and annotations that each pod gets.
  spec: What each pod consists of, and how it is to run.
PodAffinity: Pods near which this one should be.
  requiredDuringSchedulingIgnoredDuringExecution: Must be met by the node when the pod is placed. What changes later does not matter.
  preferredDuringSchedulingIgnoredDuringExecution: Wishes; among possible nodes, those with the greatest sum of weights win.
PodAntiAffinity < PodAffinity: Pods from which this one should keep away.
PodAffinityTerm: Some pods, and what counts as the same place as theirs.
  labelSelector: The pods that are meant, by their labels. None when missing.
  namespaces: Namespaces in which they are sought, together with namespaceSelector. The pod's own when both are missing.
  topologyKey: Label of nodes: those that have the same value are one place.
  namespaceSelector: Namespaces in which they are sought, by label. An empty selector means all.
  matchLabelKeys: Labels in which they must equal the pod that is placed.
  mismatchLabelKeys: Labels in which they must differ from the pod that is placed.
WeightedPodAffinityTerm: A wish with its weight.
  weight: How much it counts, from 1 to 100.
  podAffinityTerm: The pods and the place.
Affinity: Rules for where a pod is placed.
  nodeAffinity: Which nodes it needs or prefers.
  podAffinity: Near which pods it wants to be.
  podAntiAffinity: From which pods it wants to be apart.
NodeAffinity: Which nodes a pod needs or prefers.
  requiredDuringSchedulingIgnoredDuringExecution: What a node must be like when the pod is placed. Changes of its labels later don't matter.
  preferredDuringSchedulingIgnoredDuringExecution: Wishes; among possible nodes, those with the greatest sum of weights win.
PreferredSchedulingTerm: A wish about the node with its weight.
  weight: How much it counts, from 1 to 100.
  preference: What the node should be like.
Toleration: A taint that is put up with. It matches by key, value and effect.
  key: Key of the taint. Empty, with operator Exists, for all taints.
  operator: Equal (default) compares the value, Exists does not; Lt and Gt compare numbers.
  value: Value of the taint. Empty with Exists.
  effect: Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute. Empty for all.
  tolerationSeconds: Seconds for which NoExecute is put up with before the pod is evicted. For ever unless given.
TopologySpreadConstraint: How evenly pods are spread over groups of nodes.
  maxSkew: By how many the pods of a group may exceed those of the emptiest one. At least 1.
  topologyKey: Label of nodes: those that have the same value are one group.
  whenUnsatisfiable: DoNotSchedule lets the pod wait, ScheduleAnyway makes it a mere wish.
  labelSelector: The pods that are counted, by their labels.
  minDomains: With fewer groups than this, the emptiest counts as having no pods. Only with DoNotSchedule; default 1.
  nodeAffinityPolicy: Whether nodes that the pod's selector and affinity rule out count: Honor (default, they don't) or Ignore.
  nodeTaintsPolicy: Whether nodes with taints that the pod does not tolerate count: Ignore (default, they do) or Honor.
  matchLabelKeys: Labels in which counted pods must equal the one that is placed, such as pod-template-hash.
`;
