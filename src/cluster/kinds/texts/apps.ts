/** Workloads that keep pods running. */
export const apps = `
ControllerRevision: A former or present version of a workload's pods, kept so that it can be gone back to.
  data: The version itself, as its controller wrote it. Immutable.
  revision: Number of the version; later ones are greater.
DaemonSet: Runs one pod on each node, or on each of some nodes.
DaemonSetSpec: Which pods, and how they are replaced.
  selector: Labels of the pods that belong to it; the template must have them. Immutable.
  template: The pod for each node. Its node selector and affinity say for which nodes.
  updateStrategy: How pods are replaced after the template changed.
  minReadySeconds: Seconds for which a pod must be ready to count as available. Default 0.
  revisionHistoryLimit: How many former versions are kept. Default 10.
DaemonSetUpdateStrategy: How pods are replaced after the template changed.
  type: RollingUpdate (default), or OnDelete, when somebody deletes them.
  rollingUpdate: Settings for RollingUpdate.
RollingUpdateDaemonSet: How many nodes may be without a pod, or have two, meanwhile. Not both may be 0.
  maxUnavailable: How many may be without an available pod, as a number or in percent. Default 1.
  maxSurge: How many may have an old and a new pod, as a number or in percent. Default 0.
DaemonSetStatus: On how many nodes there are pods.
  currentNumberScheduled: Nodes that should have a pod, and have one.
  numberMisscheduled: Nodes that have a pod, and should have none.
  desiredNumberScheduled: Nodes that should have a pod.
  numberReady: Nodes that should have a pod, and have a ready one.
  observedGeneration: The generation that this status takes account of.
  updatedNumberScheduled: Nodes whose pod is as the template is now.
  numberAvailable: Nodes that should have a pod, and have one that was ready for minReadySeconds.
  numberUnavailable: Nodes that should have a pod, and have no available one.
  collisionCount: How often a version's name was taken: it goes into the next one.
  conditions: Anything else of note.
DaemonSetCondition < meta.Condition: One aspect of a daemon set's state.
Deployment: Keeps a number of equal pods, and replaces them step by step when their template changes.
DeploymentSpec: How many pods, which, and how they are replaced.
  replicas: Number of pods that should run. Default 1.
  selector: Labels of the pods that belong to it; the template must have them. Immutable.
  template: The pods to run. A change of it begins a rollout.
  strategy: How pods are replaced after the template changed.
  minReadySeconds: Seconds for which a pod must be ready to count as available. Default 0.
  revisionHistoryLimit: How many former replica sets are kept to go back to. Default 10.
  paused: Whether changes of the template wait instead of being rolled out. Default false.
  progressDeadlineSeconds: Seconds without progress after which a rollout is said to have failed. Default 600.
DeploymentStrategy: How pods are replaced after the template changed.
  type: RollingUpdate (default), or Recreate, which ends all old pods first.
  rollingUpdate: Settings for RollingUpdate.
RollingUpdateDeployment: How far the number of pods may differ meanwhile. Not both may be 0.
  maxUnavailable: How many may be missing, as a number or in percent, rounded down. Default 25%.
  maxSurge: How many there may be beyond, as a number or in percent, rounded up. Default 25%.
DeploymentStatus: How far a deployment is.
  observedGeneration: The generation that this status takes account of.
  replicas: Number of pods, old and new.
  updatedReplicas: Number of pods that are as the template is now.
  readyReplicas: Number of pods that are ready.
  availableReplicas: Number of pods that have been ready for minReadySeconds.
  unavailableReplicas: Number of pods that are still missing, or not available.
  terminatingReplicas: Number of pods that are about to end.
  conditions: Whether it is Available, Progressing, or fails to make pods (ReplicaFailure).
  collisionCount: How often a replica set's name was taken: it goes into the next one.
DeploymentCondition < meta.Condition: One aspect of a deployment's state.
  lastUpdateTime: When anything of it last changed.
ReplicaSet: Keeps a number of equal pods. Deployments make and manage them.
ReplicaSetSpec: How many pods, and which.
  replicas: Number of pods that should be there. Default 1.
  minReadySeconds: Seconds for which a pod must be ready to count as available. Default 0.
  selector: Labels of the pods that belong to it; the template must have them. Immutable.
  template: The pods that are made when some are missing.
ReplicaSetStatus: How many pods there are.
  replicas: Number of pods.
  fullyLabeledReplicas: Number of pods that have all labels of the template.
  readyReplicas: Number of pods that are ready.
  availableReplicas: Number of pods that have been ready for minReadySeconds.
  terminatingReplicas: Number of pods that are about to end.
  observedGeneration: The generation that this status takes account of.
  conditions: Anything else of note, such as failures to make pods.
ReplicaSetCondition < meta.Condition: One aspect of a replica set's state.
StatefulSet: Keeps pods with numbers, whose names and storage stay theirs.
StatefulSetSpec: How many pods, which, and with what storage.
  replicas: Number of pods that should be there. Default 1.
  selector: Labels of the pods that belong to it; the template must have them. Immutable.
  template: The pods to run. Each is called NAME-NUMBER.
  volumeClaimTemplates: Claims that each pod has of its own, called TEMPLATE-POD. Immutable.
  serviceName: Headless service in whose domain the pods have names. Immutable.
  podManagementPolicy: OrderedReady (default) starts and ends pods one by one, Parallel all at once. Immutable.
  updateStrategy: How pods are replaced after the template changed.
  revisionHistoryLimit: How many former versions are kept. Default 10.
  minReadySeconds: Seconds for which a pod must be ready to count as available. Default 0.
  persistentVolumeClaimRetentionPolicy: What becomes of claims whose pod is no longer wanted. Kept unless given.
  ordinals: How pods are numbered. From 0 unless given.
StatefulSetUpdateStrategy: How pods are replaced after the template changed.
  type: RollingUpdate (default), from the highest number down, or OnDelete, when somebody deletes them.
  rollingUpdate: Settings for RollingUpdate.
RollingUpdateStatefulSetStrategy: Which pods are replaced, and how many at a time.
  partition: Only pods of this number and above are replaced. Default 0, all.
  maxUnavailable: How many may be missing meanwhile, as a number or in percent. Default 1.
StatefulSetPersistentVolumeClaimRetentionPolicy: What becomes of claims: Retain or Delete.
  whenDeleted: When the stateful set is deleted. Default Retain.
  whenScaled: When there are to be fewer pods. Default Retain.
StatefulSetOrdinals: How pods are numbered.
  start: Number of the first pod. Default 0.
StatefulSetStatus: How far a stateful set is.
  observedGeneration: The generation that this status takes account of.
  replicas: Number of pods.
  readyReplicas: Number of pods that are ready.
  currentReplicas: Number of pods of currentRevision.
  updatedReplicas: Number of pods of updateRevision.
  currentRevision: The version that the rollout under way replaces.
  updateRevision: The version to which the rollout leads.
  collisionCount: How often a version's name was taken: it goes into the next one.
  conditions: Anything else of note.
  availableReplicas: Number of pods that have been ready for minReadySeconds.
StatefulSetCondition < meta.Condition: One aspect of a stateful set's state.
`;
