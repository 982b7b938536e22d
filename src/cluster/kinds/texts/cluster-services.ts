/** Small groups: budgets, priorities, leases, slices, events, runtime classes, servers of other groups. */
export const policy = `
PodDisruptionBudget: How many of some pods must stay when others are evicted on purpose.
PodDisruptionBudgetSpec: Which pods, and how many must stay. One of both bounds is given.
  minAvailable: How many must be healthy afterwards, as a number or in percent.
  selector: Labels of the pods. All of the namespace when empty, none when missing.
  maxUnavailable: How many may be missing afterwards, as a number or in percent.
  unhealthyPodEvictionPolicy: IfHealthyBudget (default) keeps pods that aren't ready while the budget isn't met; AlwaysAllow lets them go.
PodDisruptionBudgetStatus: How many pods may go now.
  observedGeneration: The generation that this status takes account of.
  disruptedPods: Pods whose eviction was allowed and who aren't gone yet, with its time.
  disruptionsAllowed: How many pods may be evicted now.
  currentHealthy: How many pods are healthy.
  desiredHealthy: How many must be.
  expectedPods: How many there should be.
  conditions: Whether evictions are allowed (DisruptionAllowed), and why.
`;

export const scheduling = `
PriorityClass: A name for an importance of pods.
  value: The importance: higher ones are scheduled first. At most 1000000000, but for the system's own; immutable.
  globalDefault: Whether pods without a class have this one. At most one class says so. Default false.
  description: When it should be used, for people.
  preemptionPolicy: Whether its pods may displace others: PreemptLowerPriority (default) or Never. Immutable.
`;

export const coordination = `
Lease: A right that one holder has until it expires, such as that of leading.
LeaseSpec: Who holds a lease, and until when.
  holderIdentity: Who holds it.
  leaseDurationSeconds: Seconds after renewTime at which others may take it.
  acquireTime: When the holder got it.
  renewTime: When the holder last renewed it.
  leaseTransitions: How often it went to another holder.
  strategy: How the leader is chosen, in coordinated election.
  preferredHolder: To whom the holder should hand it over. Needs strategy.
`;

export const discovery = `
EndpointSlice: Some of the addresses behind a service. A service has one or several.
  addressType: What addresses are: IPv4, IPv6, or FQDN (deprecated). Immutable.
  endpoints: The endpoints, at most 1000.
  ports: Ports that each of them has, at most 100. None means none is defined.
Endpoint: One pod behind a service.
  addresses: Its address. The first counts.
  conditions: Whether it can serve.
  hostname: Its name in the service's domain.
  targetRef: The pod.
  deprecatedTopology: Former place of nodeName and zone. Always empty in v1.
  nodeName: The node on which it is.
  zone: The zone in which it is.
  hints: By whom it should be used.
EndpointConditions: Whether an endpoint can serve.
  ready: Whether it takes new traffic: it serves and isn't about to end. Missing means yes.
  serving: Whether it could serve, even if it is about to end. Missing means like ready.
  terminating: Whether it is about to end. Missing means no.
EndpointHints: By whom an endpoint should be used.
  forZones: Clients of these zones. At most 8.
  forNodes: Clients on these nodes. At most 8.
ForZone: A zone whose clients are meant.
  name: Name of the zone.
ForNode: A node whose clients are meant.
  name: Name of the node.
EndpointPort: A port of endpoints.
  name: Name of the service's port. Unique in the slice.
  protocol: One of TCP (default), UDP and SCTP.
  port: The number.
  appProtocol: What is spoken on it, such as kubernetes.io/h2c.
`;

export const events = `
Event: Something that happened to an object, told for people. It is forgotten after a while.
  eventTime: When it was first seen.
  series: How it went on, when it happened again and again.
  reportingController: Controller that told it, such as kubernetes.io/kubelet. Immutable.
  reportingInstance: Which instance of the controller it was. Immutable.
  action: What was done, or failed, about the object. Immutable.
  reason: Why it was done, in one CamelCase word. Immutable.
  regarding: The object that it is about.
  related: Another object that has to do with it.
  note: What happened, for people. At most 1 kB.
  type: Normal or Warning.
  deprecatedSource: The source of core events.
  deprecatedFirstTimestamp: The firstTimestamp of core events.
  deprecatedLastTimestamp: The lastTimestamp of core events.
  deprecatedCount: The count of core events.
EventSeries < core.EventSeries: An event that happened again and again.
`;

export const node = `
RuntimeClass: A way of running pods, which nodes offer and pods ask for by its name.
  handler: What the node's runtime calls it. Immutable.
  overhead: Resources that a pod takes beyond its containers.
  scheduling: Which nodes offer it. All unless given.
Overhead: Resources beyond those of containers.
  podFixed: Amounts for each pod, by resource.
Scheduling: Which nodes offer a runtime class.
  nodeSelector: Labels that such a node has; they are added to the pod's.
  tolerations: Taints that pods of the class put up with; they are added to the pod's.
`;

export const apiregistration = `
APIService: A version of a group of the API, and who serves it.
APIServiceSpec: Who serves the group's version, how it is checked, and its place among others.
  service: The service behind which a server has it. Without one the API server itself serves it.
  group: Its group. Empty for the core group.
  version: Its version, such as v1.
  insecureSkipTLSVerify: Whether the server's certificate isn't looked at. Not recommended.
  caBundle: Certificates to check the server's by, as PEM. Those of the system unless given.
  groupPriorityMinimum: Place of the group among others: clients prefer higher ones. Of a group's versions the highest counts. From 1 to 20000.
  versionPriority: Place of the version in its group: higher ones come first. From 1 to 1000.
APIServiceStatus: Whether the server is reached.
  conditions: Whether it can be used (Available), and why not.
APIServiceCondition < meta.Condition: One aspect of the server's state.
ServiceReference: A service in the cluster.
  namespace: Its namespace.
  name: Its name.
  port: Its port. Default 443.
`;
