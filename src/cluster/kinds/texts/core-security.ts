/** Who the processes of pods are, and what confines them. */
export const coreSecurity = `
SecurityContext: Who a container's processes are and what they may do. It wins over the pod's.
  capabilities: Capabilities given beside, or taken from, the runtime's usual set.
  privileged: Whether it may do on the node what root may. Default false.
  seLinuxOptions: SELinux label of its processes. The runtime picks one unless given.
  windowsOptions: Settings for containers of Windows.
  runAsUser: Id of the user as which the program starts. The image's unless given.
  runAsGroup: Id of the main group. The runtime's unless given.
  runAsNonRoot: Whether the start is refused when the user would be root.
  readOnlyRootFilesystem: Whether its root file system can't be written to. Default false.
  allowPrivilegeEscalation: Whether a process may gain more rights than its parent, as by setuid. Default true.
  procMount: How much of /proc is shown: Default hides the sensitive parts, Unmasked nothing.
  seccompProfile: Filter of system calls.
  appArmorProfile: AppArmor's rules for it.
PodSecurityContext < SecurityContext: Who the processes of all containers are, unless a container says otherwise.
  supplementalGroups: Ids of further groups of every first process.
  supplementalGroupsPolicy: Whether groups from the image's /etc/group count too: Merge (default) or Strict.
  fsGroup: Group that volumes belong to and every process is in. Files keep their group unless given.
  sysctls: Kernel parameters of the pod's namespaces.
  fsGroupChangePolicy: When files are given to fsGroup: Always (default), or OnRootMismatch, if the root of the volume isn't its yet.
  seLinuxChangePolicy: How volumes get the SELinux label: MountOption, or Recursive, file by file.
Capabilities: Changes to a container's capabilities.
  add: Capabilities that it gets beside the usual ones, such as NET_ADMIN.
  drop: Capabilities that it doesn't get; ALL for none.
SELinuxOptions: Parts of an SELinux label.
  user: The user.
  role: The role.
  type: The type.
  level: The level.
WindowsSecurityContextOptions: Settings that only Windows has.
  gmsaCredentialSpecName: Name of the group managed service account's credential.
  gmsaCredentialSpec: Content of that credential; the admission webhook fills it in.
  runAsUserName: Name of the user as which the program starts.
  hostProcess: Whether it runs as a process of the host. All containers of a pod must agree.
SeccompProfile: A filter of system calls.
  type: RuntimeDefault, Unconfined, or Localhost for a file on the node.
  localhostProfile: Path of that file below the agent's seccomp folder. Only with Localhost.
AppArmorProfile: Rules of AppArmor.
  type: RuntimeDefault, Unconfined, or Localhost for a profile that the node has loaded.
  localhostProfile: Name of that profile. Only with Localhost.
Sysctl: A kernel parameter.
  name: Its name, such as net.core.somaxconn.
  value: What it is set to.
`;
