/** Devices, and who gets them. */
export const resource = `
DeviceClass: A kind of device that claims ask for.
DeviceClassSpec: Which devices belong to the class.
  selectors: What a device must be like: all must match.
  config: Settings for drivers, for every device that is claimed by this class.
  extendedResourceName: Extended resource that pods can ask for instead of making a claim.
DeviceSelector: Chooses devices. Exactly one way is given.
  cel: By an expression in CEL.
CELDeviceSelector: Chooses devices by an expression.
  expression: What must be true, in CEL. It knows device, with driver, attributes and capacity.
DeviceClassConfiguration: Settings of a class for a driver.
  opaque: Settings that only the driver understands.
OpaqueDeviceConfiguration: Settings that only a driver understands.
  driver: Name of the driver.
  parameters: The settings, an object. At most 10 KiB.
ResourceClaim: Asks for devices, and says which ones were allocated.
ResourceClaimSpec: What is asked for. Immutable.
  devices: The devices.
DeviceClaim: Devices that are asked for together.
  requests: What is asked for. All must be met.
  constraints: What the devices must have in common, or not.
  config: Settings for drivers.
DeviceRequest: A request for devices. Exactly one of both ways is given.
  name: Its name, by which containers and constraints refer to it.
  exactly: What is asked for.
  firstAvailable: Alternatives: the first that can be had is allocated.
ExactDeviceRequest: Which devices, and how many.
  deviceClassName: Class of the devices.
  selectors: What a device must be like beyond its class: all must match.
  allocationMode: ExactCount (default), or All that match in a pool.
  count: How many, with ExactCount. Default 1.
  adminAccess: Whether it is for monitoring, and takes devices from nobody. Only in namespaces that are labelled for it.
  tolerations: Taints of devices that are put up with.
  capacity: How much of a device is needed.
DeviceSubRequest < ExactDeviceRequest: An alternative: which devices, and how many.
  name: Its name. Others refer to it as REQUEST/NAME.
DeviceToleration: A taint of devices that is put up with.
  key: Key of the taint. Empty, with operator Exists, for all taints.
  operator: Equal (default) compares the value, Exists does not.
  value: Value of the taint. Empty with Exists.
  effect: Effect of the taint: NoSchedule or NoExecute. Empty for all.
  tolerationSeconds: Seconds for which NoExecute is put up with before the pod is evicted. For ever unless given.
CapacityRequirements: How much of a device is needed.
  requests: Amounts by the name of the capacity. What isn't named goes by the device's policy.
DeviceConstraint: What devices must have in common, or not. Exactly one attribute is given.
  requests: Requests whose devices are meant. All unless given.
  matchAttribute: Attribute that must be the same in all of them, as DOMAIN/NAME.
  distinctAttribute: Attribute that must differ among all of them, as DOMAIN/NAME.
DeviceClaimConfiguration: Settings of a claim for a driver.
  requests: Requests to which they apply. All unless given.
  opaque: Settings that only the driver understands.
ResourceClaimStatus: What a claim was given, and who uses it.
  allocation: What was allocated. None yet when missing.
  reservedFor: Who may use it now. At most 256.
  devices: State of each device, as its driver tells it.
AllocationResult: What was allocated.
  devices: The devices.
  nodeSelector: Nodes from which they can be used. All unless given.
  allocationTimestamp: When they were allocated, if known.
DeviceAllocationResult: Devices that were allocated.
  results: Each device, and for which request.
  config: Settings of class and claim for the drivers, later ones winning.
DeviceRequestAllocationResult: A device that was allocated.
  request: The request, or alternative (REQUEST/NAME), that it is for.
  driver: Driver of the device.
  pool: Pool of the device.
  device: Name of the device in its pool.
  adminAccess: Whether it is for monitoring only.
  tolerations: Tolerations of the request, at the time.
  bindingConditions: Conditions of the device that must be True before the pod is bound.
  bindingFailureConditions: Conditions of the device any of which, when True, means that it can't be used.
  shareID: Tells shares of one device apart, where several may have it.
  consumedCapacity: How much of the device is taken, by the name of the capacity.
DeviceAllocationConfiguration: Settings for a driver, and where they come from.
  source: FromClass or FromClaim.
  requests: Requests to which they apply. All unless given.
  opaque: Settings that only the driver understands.
ResourceClaimConsumerReference: Who uses a claim.
  apiGroup: Group of its kind. The core group when empty.
  resource: Plural under which its kind is served, such as pods.
  name: Its name.
  uid: Its identity.
AllocatedDeviceStatus: State of an allocated device, as its driver tells it.
  driver: Driver of the device.
  pool: Pool of the device.
  device: Name of the device in its pool.
  shareID: Which share of the device, where several may have it.
  conditions: What holds of the device. At most 8.
  data: Anything that the driver adds. At most 10 KiB.
  networkData: Its place in the network, if it has one.
NetworkDeviceData: Place of a device in the network.
  interfaceName: Name of its interface in the pod.
  ips: Its addresses, each with the length of its network, as 192.0.2.5/24.
  hardwareAddress: Its hardware (MAC) address.
ResourceClaimTemplate: A pattern from which a claim is made for each pod.
ResourceClaimTemplateSpec: The pattern. Immutable.
  metadata: Labels and annotations that each claim gets.
  spec: What each claim asks for.
ResourceSlice: Some of the devices that a driver offers.
ResourceSliceSpec: Which devices, and from which nodes they can be used. Exactly one of four ways says so.
  driver: Name of the driver. Immutable.
  pool: The pool that the devices belong to.
  nodeName: From this node only. Immutable.
  nodeSelector: From the nodes that match.
  allNodes: From all nodes.
  devices: The devices. Not together with sharedCounters.
  perDeviceNodeSelection: Each device says it by itself.
  sharedCounters: Amounts that devices of the pool share. Not together with devices.
ResourcePool: A pool of devices, which may have several slices.
  name: Its name; often that of the node.
  generation: Grows with each change: slices with an older number are out of date.
  resourceSliceCount: How many slices it has. Fewer mean that it isn't complete.
Device: A device.
  name: Its name, unique in the pool.
  attributes: What it is like, by name.
  capacity: How much it has, by name.
  consumesCounters: What it takes of amounts that it shares with others.
  nodeName: The node from which it can be used. Only with perDeviceNodeSelection.
  nodeSelector: Nodes from which it can be used. Only with perDeviceNodeSelection.
  allNodes: Whether all nodes can use it. Only with perDeviceNodeSelection.
  taints: What keeps claims away that don't tolerate it. At most 16.
  bindsToNode: Whether, once allocated, it can only be used from the node that was chosen.
  bindingConditions: Conditions that must be True before a pod with it is bound. At most 4.
  bindingFailureConditions: Conditions any of which, when True, means that it can't be used. At most 4.
  allowMultipleAllocations: Whether several requests may have a part of it.
  nodeAllocatableResourceMappings: Ordinary resources of the node, such as cpu, that come with it, by name.
DeviceAttribute: What a device is like in one respect. Exactly one kind of value is given.
  int: A number.
  bool: True or false.
  string: A text, of at most 64 characters.
  version: A semantic version.
  ints: Numbers.
  bools: Truth values.
  strings: Texts.
  versions: Semantic versions.
DeviceCapacity: How much a device has of something.
  value: The whole amount.
  requestPolicy: In what portions it may be taken. Only where several may have the device.
CapacityRequestPolicy: In what portions a capacity may be taken. Requests are rounded up.
  default: How much a request takes that says nothing.
  validValues: The portions that there are, from small to large. At most 10.
  validRange: Bounds of the portions.
CapacityRequestPolicyRange: Bounds of portions.
  min: Least portion.
  max: Greatest portion. The whole amount unless given.
  step: Portions differ from min by a multiple of this.
DeviceCounterConsumption: What a device takes of shared amounts.
  counterSet: The set of amounts.
  counters: How much it takes, by the name of the amount.
CounterSet: Amounts that devices share.
  name: Its name, unique in the pool.
  counters: The amounts, by name.
Counter: An amount.
  value: How much it is.
DeviceTaint: Keeps claims away from a device unless they tolerate it.
  key: Its name.
  value: A value for tolerations to compare with.
  effect: NoSchedule refuses new uses, NoExecute ends present ones too, None only informs.
  timeAdded: When it was added.
NodeAllocatableResourceMapping: How much of an ordinary resource comes with a device.
  capacityKey: The capacity whose taken amount is multiplied. The number of devices unless given.
  allocationMultiplier: What it is multiplied by. Default 1.
`;
