/** What runs in a pod: containers, their environment, probes and limits, and the state in which each one is. */
export const coreContainers = `
Container: One program of a pod, with its image and all that it is given.
  name: Unique among the containers of the pod, and a DNS label. Immutable.
  image: The image that is run, with tag or digest.
  command: The program and its first arguments, in place of the image's entry point. References like $(NAME) stand for variables.
  args: Arguments, in place of the image's own. References like $(NAME) stand for variables.
  workingDir: Directory in which the program starts. The image's unless given.
  ports: Ports on which it listens. They inform, and give names; others can be reached too.
  envFrom: Sources of which every key becomes a variable. Later ones win, and env wins over all.
  env: Variables of the environment.
  resources: How much cpu, memory and so on it is sure to get, and may use at most.
  resizePolicy: Whether the container must restart for a change of a resource.
  restartPolicy: Whether this container is restarted, other than the pod's policy says. Always makes a sidecar of an init container.
  restartPolicyRules: Exceptions to restartPolicy by exit code. The first that matches counts.
  volumeMounts: Where volumes of the pod appear in its file system.
  volumeDevices: Where volumes appear as block devices.
  livenessProbe: When this check fails, the container is killed and restarted as its policy says.
  readinessProbe: While this check fails, the pod is not ready, and services send it no traffic.
  startupProbe: Other probes wait until this check succeeds; when it fails for good, the container is restarted.
  lifecycle: What is done right after its start and before its end.
  terminationMessagePath: File whose content becomes the message of the ended container. Default /dev/termination-log.
  terminationMessagePolicy: File (default) reads that file alone; FallbackToLogsOnError takes the end of the log after a failure without one.
  imagePullPolicy: When the image is fetched: Always, IfNotPresent or Never. Always for the tag latest, otherwise IfNotPresent, unless given.
  securityContext: User, capabilities and confinement; wins over what the pod says.
  stdin: Whether standard input stays open for attach. Default false.
  stdinOnce: Whether standard input closes for good when the first client leaves. Default false.
  tty: Whether it has a terminal; needs stdin. Default false.
EphemeralContainer < Container: A container added to a running pod to look into it. It is never restarted and has no resources of its own.
  ports: Not allowed here.
  resources: Not allowed here: it uses what the pod has left.
  resizePolicy: Not allowed here.
  restartPolicy: Not allowed here.
  restartPolicyRules: Not allowed here.
  livenessProbe: Not allowed here.
  readinessProbe: Not allowed here.
  startupProbe: Not allowed here.
  lifecycle: Not allowed here.
  targetContainerName: The container whose processes it sees. Without one it sees those of its own.
ContainerPort: A port of a container.
  name: Name by which services and probes refer to it; unique in the pod.
  hostPort: Port of the node that leads to it. Best left out; with hostNetwork it equals containerPort.
  containerPort: The port on the pod's address, from 1 to 65535.
  protocol: One of TCP (default), UDP and SCTP.
  hostIP: Address of the node on which hostPort is open. All of them unless given.
EnvFromSource: A source of many variables.
  prefix: Text put before each key.
  configMapRef: The config map whose keys become variables.
  secretRef: The secret whose keys become variables.
ConfigMapEnvSource: A config map of the namespace.
  name: Its name.
  optional: Whether the container starts without it too.
SecretEnvSource: A secret of the namespace.
  name: Its name.
  optional: Whether the container starts without it too.
EnvVar: One variable of the environment.
  name: Its name, of printable characters other than the equals sign.
  value: Its text, in which $(NAME) stands for variables before it, and $$ for a dollar sign. Default empty.
  valueFrom: Where the text comes from instead.
EnvVarSource: Where the value of a variable comes from. Exactly one is given.
  fieldRef: A field of the pod, such as metadata.name or status.podIP.
  resourceFieldRef: A request or limit of a container.
  configMapKeyRef: A key of a config map.
  secretKeyRef: A key of a secret.
  fileKeyRef: A key of a file of variables in a volume.
ConfigMapKeySelector: A key of a config map in the namespace.
  name: The config map.
  key: The key.
  optional: Whether map or key may be missing.
SecretKeySelector: A key of a secret in the namespace.
  name: The secret.
  key: The key.
  optional: Whether secret or key may be missing.
FileKeySelector: A key of a file of variables.
  volumeName: The volume in which the file lies.
  path: Path of the file in the volume, relative and without dots that lead up.
  key: The key in the file.
  optional: Whether file or key may be missing. Default false.
ObjectFieldSelector: A field of the pod.
  apiVersion: Version in which the path is understood. Default v1.
  fieldPath: Path of the field, such as metadata.labels['app'].
ResourceFieldSelector: A request or limit of a container.
  containerName: The container. Needed in volumes; of a variable, the container itself.
  resource: What is asked for, such as limits.cpu or requests.memory.
  divisor: Unit in which it is told, such as 1Mi. Default 1.
ResourceRequirements: What is sure to be there, and what may be used at most.
  limits: Most that may be used, by resource: cpu is throttled, memory beyond it ends the container.
  requests: Least that is sure to be there, by resource; the scheduler counts it. The limit unless given.
  claims: Claims of the pod whose devices this container uses. Immutable.
ResourceClaim: A claim of the pod that a container uses.
  name: The claim's name in the pod's resourceClaims.
  request: One request of the claim. All of its devices unless given.
ContainerResizePolicy: What a change of one resource takes.
  resourceName: The resource: cpu or memory.
  restartPolicy: NotRequired (default) changes the running container, RestartContainer restarts it.
ContainerRestartRule: What happens after certain exit codes.
  action: Restart, the only one there is, starts it again whatever the policy says.
  exitCodes: The exit codes that are meant.
ContainerRestartRuleOnExitCodes: Some exit codes.
  operator: In means these, NotIn all but these.
  values: Exit codes, at most 255.
VolumeMount: Where a volume appears in a container.
  name: The volume's name in the pod.
  readOnly: Whether it can't be written to. Default false.
  recursiveReadOnly: Whether mounts below it can't be written to either: Disabled (default), IfPossible or Enabled. Needs readOnly.
  mountPath: Path in the container; it must have no colon.
  subPath: Path in the volume that is mounted instead of its root.
  mountPropagation: Whether mounts made below it pass from the node (HostToContainer), both ways (Bidirectional), or not (None, default).
  subPathExpr: Like subPath, with $(NAME) standing for variables of the container. Only one of both is given.
VolumeDevice: Where a volume appears as a block device.
  name: The volume's name in the pod; it must be a claim.
  devicePath: Path of the device in the container.
Probe: A check of a container, done again and again. Exactly one way is given.
  exec: Runs a program in the container: exit code 0 is success.
  httpGet: Asks by HTTP: codes from 200 to 399 are success.
  tcpSocket: Opens a connection: success when it is accepted.
  grpc: Asks the gRPC health service.
  initialDelaySeconds: Seconds from the container's start to the first check. Default 0.
  timeoutSeconds: Seconds after which a check without answer has failed. Default 1.
  periodSeconds: Seconds from one check to the next. Default 10.
  successThreshold: How many checks in a row must succeed after a failure. Default 1, as it must be but for readiness.
  failureThreshold: How many checks in a row must fail before it counts. Default 3.
  terminationGracePeriodSeconds: Seconds to end when this probe fails, in place of the pod's. Not for readiness.
ExecAction: A program run in the container.
  command: The program and its arguments. No shell is involved.
HTTPGetAction: A request by HTTP.
  path: Path and query that are asked for. Default /.
  port: Number or name of the port.
  host: Where it is sent. The pod's address unless given; for another name, a Host header is better.
  scheme: HTTP (default) or HTTPS, where the certificate isn't checked.
  httpHeaders: Further header lines. The same name may come twice.
HTTPHeader: One header line.
  name: Name of the header.
  value: What it says.
TCPSocketAction: A connection to a port.
  port: Number or name of the port.
  host: Where to connect. The pod's address unless given.
GRPCAction: A question to the gRPC health service.
  port: Number of the port.
  service: Name of the service that is asked about. Default empty, the server as a whole.
Lifecycle: What is done at the ends of a container's life.
  postStart: Done right after the start, beside the program. If it fails, the container is killed.
  preStop: Done before the request to end. The grace period runs meanwhile.
  stopSignal: Signal that asks the program to end. The image's or SIGTERM unless given; needs the pod's os.
LifecycleHandler: What is done. Exactly one way is given.
  exec: Runs a program in the container.
  httpGet: Asks by HTTP.
  tcpSocket: Deprecated, and refused when it runs.
  sleep: Waits.
SleepAction: A pause.
  seconds: How long it lasts.
ContainerStatus: The state of one container.
  name: The container's name in the pod.
  state: What it does now.
  lastState: How it ended the last time, if it was restarted.
  ready: Whether it passes its readiness probe, or runs where it has none.
  restartCount: How often it was restarted.
  image: Name of the image that it runs; it may differ from the spec's.
  imageID: Digest of the image that it runs.
  containerID: Its identity in the runtime, as TYPE://ID.
  started: Whether it runs, is past its postStart hook and its startup probe.
  allocatedResources: Requests that the node has set aside for it.
  resources: Requests and limits now in force.
  volumeMounts: How its volumes are mounted.
  user: Ids with which its first process began.
  allocatedResourcesStatus: Health of the devices that it was given.
  stopSignal: The signal that asks it to end.
ContainerState: What a container does. Exactly one is given, and waiting when none is.
  waiting: It does not run yet.
  running: It runs.
  terminated: It ran, and ended.
ContainerStateWaiting: Why a container doesn't run yet.
  reason: One word, such as ImagePullBackOff or CrashLoopBackOff.
  message: The same for people.
ContainerStateRunning: Since when a container runs.
  startedAt: When it was last started.
ContainerStateTerminated: How a container ended.
  exitCode: The exit code of its first process.
  signal: The signal that ended it, if one did.
  reason: One word, such as Completed, Error or OOMKilled.
  message: What it left behind as its last words.
  startedAt: When this run began.
  finishedAt: When it ended.
  containerID: Its identity in the runtime, as TYPE://ID.
VolumeMountStatus: How a volume is mounted.
  name: The volume's name in the pod.
  mountPath: Path in the container.
  readOnly: Whether it can't be written to.
  recursiveReadOnly: Whether mounts below can't be written to either: Disabled or Enabled.
  volumeStatus: What is known of the volume itself.
VolumeStatus: What is known of a mounted volume.
  image: Set for volumes that are images.
ImageVolumeStatus: The image behind a volume.
  imageRef: Its digest.
ContainerUser: Who a container's first process is.
  linux: Ids on Linux.
LinuxContainerUser: Ids of a process on Linux when it began.
  uid: Id of its user.
  gid: Id of its main group.
  supplementalGroups: Ids of its further groups.
ResourceStatus: Health of what was given for one resource.
  name: The resource, or claim:CLAIM/REQUEST for devices that were claimed.
  resources: Each device with its health.
ResourceHealth: Health of one device.
  resourceID: The device's identity, unique on the node.
  health: Healthy, Unhealthy or Unknown.
  message: Details for people, from the driver.
`;
