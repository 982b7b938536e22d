/** Small kinds of the core group, and how objects are referred to. */
export const coreObjects = `
Binding: Puts a pod on a node. Schedulers create it as pods/binding.
  target: The node.
ComponentStatus: Whether a part of the cluster is well. Deprecated: ask /readyz.
  conditions: What was found just now.
ComponentCondition: What was found of a part.
  type: Always Healthy.
  status: True where it is well, False where not, Unknown where it could not be asked.
  message: What it says of itself.
  error: Why it could not be asked.
ObjectReference: Names an object, or a part of one. It is seldom checked that there is one.
  kind: Kind of the object.
  namespace: Namespace of the object.
  name: Name of the object.
  uid: Identity of the object.
  apiVersion: Group and version of the object.
  resourceVersion: The version of the object that is meant.
  fieldPath: The part that is meant, such as spec.containers{name}.
LocalObjectReference: Names an object in the same namespace.
  name: Its name.
TypedLocalObjectReference: Names an object of any kind in the same namespace.
  apiGroup: Group of its kind. The core group unless given.
  kind: Its kind.
  name: Its name.
TypedObjectReference < TypedLocalObjectReference: Names an object of any kind, in another namespace where that is allowed.
  namespace: Its namespace. That of the referring object unless given; others need a ReferenceGrant.
SecretReference: Names a secret in any namespace.
  name: The secret's name.
  namespace: The secret's namespace.
ConfigMap: Settings, as keys with values, for pods to read. For secrets there is Secret.
  immutable: Whether the data can never change again. It can't be taken back.
  data: Values that are text. No key may stand in binaryData too.
  binaryData: Values that are bytes, in base64.
Secret: Passwords, keys and the like, for pods to read. At most 1 MiB.
  immutable: Whether the data can never change again. It can't be taken back.
  data: Values, in base64.
  stringData: Values as plain text, for writing only: they are merged into data.
  type: What kind of secret it is, and so which keys it must have. Default Opaque; immutable.
ServiceAccount: An identity for the programs in pods.
  secrets: Secrets that pods of the account may mount, if the account is so annotated.
  imagePullSecrets: Credentials for registries that pods of the account get unless they name their own.
  automountServiceAccountToken: Whether pods get a token mounted. They can say otherwise.
Namespace: A scope for names: objects of different namespaces may have the same one.
NamespaceSpec: What a namespace waits for before it goes.
  finalizers: Who must agree before the namespace vanishes. The server lists kubernetes.
NamespaceStatus: Whether a namespace is in use.
  phase: Active, or Terminating once it was deleted.
  conditions: What its deletion waits for.
NamespaceCondition < meta.Condition: One aspect of a namespace's deletion.
LimitRange: Bounds and defaults for the resources of single objects in a namespace.
LimitRangeSpec: The bounds that hold in a namespace.
  limits: A bound for each kind of thing.
LimitRangeItem: Bounds and defaults for one kind of thing, by resource.
  type: What is bounded: Container, Pod or PersistentVolumeClaim.
  max: Most that a limit may be.
  min: Least that a request may be.
  default: Limit of those that name none.
  defaultRequest: Request of those that name none.
  maxLimitRequestRatio: Most by which a limit may exceed its request, as a factor.
ResourceQuota: Bounds for what all objects of a namespace use together.
ResourceQuotaSpec: The bounds, and which objects count.
  hard: Most that may be used, by resource: amounts such as requests.cpu, or counts such as pods.
  scopes: Only objects to which all of these apply count: BestEffort, Terminating and so on.
  scopeSelector: Like scopes, with values, such as those of a priority class.
ScopeSelector: Chooses objects by scopes: all must apply.
  matchExpressions: The demands.
ScopedResourceSelectorRequirement: One demand on the scope of an object.
  scopeName: The scope, such as PriorityClass.
  operator: In, NotIn, Exists or DoesNotExist.
  values: Values for In and NotIn.
ResourceQuotaStatus: What is allowed, and what is used.
  hard: The bounds in force.
  used: What the namespace uses now.
Event: Something that happened to an object, told for people. It is forgotten after a while.
  metadata: Name and namespace of the event itself.
  involvedObject: The object that it is about.
  reason: Why it happened, in one CamelCase word.
  message: What happened, for people.
  source: Which component told it. Newer ones use reportingComponent.
  firstTimestamp: When it was first seen.
  lastTimestamp: When it was last seen.
  count: How often it was seen.
  type: Normal or Warning.
  eventTime: When it was first seen, to the microsecond.
  series: How it went on, when it happened again and again.
  action: What was done, or failed, about the object.
  related: Another object that has to do with it.
  reportingComponent: Controller that told it, such as kubernetes.io/kubelet.
  reportingInstance: Which instance of the controller it was.
EventSource: Who told an event.
  component: Name of the component.
  host: The node on which it runs.
EventSeries: An event that happened again and again.
  count: How often, up to the last time.
  lastObservedTime: When it last happened.
ReplicationController: Keeps a number of equal pods. Deployments have taken its place.
ReplicationControllerSpec: How many pods, and which.
  replicas: Number of pods that should be there. Default 1.
  minReadySeconds: Seconds for which a pod must be ready to count as available. Default 0.
  selector: Labels of the pods that count. Those of the template unless given.
  template: The pods that are made when some are missing.
ReplicationControllerStatus: How many pods there are.
  replicas: Number of pods.
  fullyLabeledReplicas: Number of them that have all labels of the template.
  readyReplicas: Number of them that are ready.
  availableReplicas: Number of them that have been ready for minReadySeconds.
  observedGeneration: The generation that this status takes account of.
  conditions: Anything else of note, such as failures to make pods.
ReplicationControllerCondition < meta.Condition: One aspect of a replication controller's state.
`;
