/** Machines, and how pods choose among them. */
export const coreNodes = `
Node: A machine of the cluster on which pods run.
NodeSpec: What is laid down for a node.
  podCIDR: Range of addresses for the node's pods.
  podCIDRs: The same for each IP family, podCIDR being the first.
  providerID: The machine's identity at the cloud provider, as PROVIDER://ID.
  unschedulable: Whether no new pods are placed here (cordoned). Those that run stay.
  taints: What keeps pods away that don't tolerate it.
  configSource: Formerly the place of the agent's settings. No longer supported.
  externalID: Deprecated, and without use.
Taint: Keeps pods away from a node unless they tolerate it.
  key: Name of the taint.
  value: A value for tolerations to compare with.
  effect: NoSchedule refuses new pods, PreferNoSchedule avoids them, NoExecute evicts running ones too.
  timeAdded: When it was added.
NodeConfigSource: Formerly where an agent read its settings.
  configMap: The config map with them.
ConfigMapNodeConfigSource: A config map with settings of an agent.
  namespace: Its namespace.
  name: Its name.
  uid: Its identity. Only in a status.
  resourceVersion: Its version. Only in a status.
  kubeletConfigKey: Key under which the settings stand.
NodeStatus: What a node has, and how it is.
  capacity: All that the machine has, by resource.
  allocatable: What pods may use of it.
  phase: Deprecated, and without use.
  conditions: Whether it is Ready, and what it is short of: MemoryPressure, DiskPressure, PIDPressure.
  addresses: Names and addresses under which it is reached.
  daemonEndpoints: Ports of the node's own services.
  nodeInfo: Identity of the machine, and versions of its software.
  images: Images that are on the node.
  volumesInUse: Volumes that are mounted or about to be, which must stay attached.
  volumesAttached: Volumes that are attached to it.
  config: State of settings that came from a config map. No longer supported.
  runtimeHandlers: Handlers that its runtime offers, with what each can do.
  features: What its runtime can do, whatever the handler is.
  declaredFeatures: Features of this node's software that depend on its version or settings.
NodeCondition < meta.Condition: One aspect of a node's health.
  lastHeartbeatTime: When the node last reported it.
NodeAddress: A name or address of a node.
  type: What it is: InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS.
  address: The name or address.
NodeDaemonEndpoints: Where the node's services listen.
  kubeletEndpoint: The node agent.
DaemonEndpoint: One service of a node.
  Port: The port on which it listens.
NodeSystemInfo: What machine and software a node is.
  machineID: Identity in /etc/machine-id.
  systemUUID: Identity that the hardware reports.
  bootID: Identity of this boot.
  kernelVersion: Release of the kernel, as uname -r tells it.
  osImage: Name of the operating system, from /etc/os-release.
  containerRuntimeVersion: Name and version of the runtime, as NAME://VERSION.
  kubeletVersion: Version of the node agent.
  kubeProxyVersion: Deprecated: version of the service proxy.
  operatingSystem: Family of the operating system, such as linux.
  architecture: Processor architecture, such as amd64.
  swap: How much swap space it has.
NodeSwapStatus: Swap space of a node.
  capacity: All of it, in bytes.
ContainerImage: An image on a node.
  names: Names and digests by which it is known.
  sizeBytes: Its size in bytes.
AttachedVolume: A volume that is attached to a node.
  name: The volume.
  devicePath: Path of the device on the node.
NodeConfigStatus: Formerly which settings an agent used.
  assigned: Settings that it should use.
  active: Settings that it uses.
  lastKnownGood: Settings that it goes back to when others fail.
  error: What is wrong with the assigned ones.
NodeRuntimeHandler: A handler that a runtime offers.
  name: Its name. Empty for the usual one.
  features: What it can do.
NodeRuntimeHandlerFeatures: What a handler can do.
  recursiveReadOnlyMounts: Whether mounts can be read-only with all below them.
  userNamespaces: Whether pods can have user namespaces.
NodeFeatures: What a runtime can do, whatever the handler is.
  supplementalGroupsPolicy: Whether pods can say how further groups are put together.
NodeSelector: Chooses nodes: one of its terms must match.
  nodeSelectorTerms: The terms.
NodeSelectorTerm: Demands on a node: all must be met. One without any matches no node.
  matchExpressions: Demands on its labels.
  matchFields: Demands on its fields, of which only metadata.name is known.
NodeSelectorRequirement: One demand on a label or field.
  key: The label or field.
  operator: In, NotIn, Exists, DoesNotExist, or Gt and Lt for numbers.
  values: Values to compare with: one for Gt and Lt, none for Exists and DoesNotExist.
TopologySelectorTerm: Demands on the labels of a place.
  matchLabelExpressions: The demands, all of which must be met.
TopologySelectorLabelRequirement: One demand on a label of a place.
  key: The label.
  values: Values of which it must have one.
`;
