/** How storage is provided. */
export const storage = `
CSIDriver: What the cluster must know of a storage driver. Its name is the driver's.
CSIDriverSpec: How the cluster deals with the driver.
  attachRequired: Whether volumes are attached before they are mounted. Default true; immutable.
  podInfoOnMount: Whether the driver is told for which pod it mounts. Default false.
  volumeLifecycleModes: Persistent (default), Ephemeral (as long as a pod), or both. Immutable.
  storageCapacity: Whether the scheduler looks at the driver's CSIStorageCapacity objects. Default false.
  fsGroupPolicy: Whether files are given to the pod's fsGroup: ReadWriteOnceWithFSType (default), File or None.
  tokenRequests: Tokens of the pod's service account that the driver gets when it mounts.
  requiresRepublish: Whether mounts are done again from time to time, as for new tokens. Default false.
  seLinuxMount: Whether volumes can be mounted with an SELinux label as an option. Default false.
  nodeAllocatableUpdatePeriodSeconds: Seconds from one look at how many volumes fit on a node to the next; at least 10. None unless given.
  serviceAccountTokenInSecrets: Whether tokens come among the secrets instead of the volume's context. Default false; needs tokenRequests.
  preventPodSchedulingIfMissing: Whether pods that need the driver stay off nodes without it. Default false.
TokenRequest: A token that a driver gets.
  audience: For whom it is meant. The API server when empty.
  expirationSeconds: Seconds for which it is valid.
CSINode: Which storage drivers a node has. Its name is the node's.
CSINodeSpec: The drivers of a node.
  drivers: Drivers that are there.
CSINodeDriver: A driver on a node.
  name: Name of the driver.
  nodeID: What the driver calls the node.
  topologyKeys: Labels of the node by which the driver tells places apart.
  allocatable: How many volumes fit.
VolumeNodeResources: How many volumes fit on a node.
  count: The number. No limit when missing.
CSIStorageCapacity: How much storage of a class there is in some place.
  nodeTopology: Labels of the nodes that can reach it. None when missing.
  storageClassName: The class. Immutable.
  capacity: How much there is. Unknown when missing.
  maximumVolumeSize: Largest volume that can be made. Unknown when missing.
StorageClass: A kind of storage, and who makes volumes of it.
  provisioner: Who makes them. Immutable.
  parameters: Settings for the provisioner. Immutable.
  reclaimPolicy: What becomes of a volume without its claim: Delete (default) or Retain. Immutable.
  mountOptions: Options for mounting its volumes. They aren't checked.
  allowVolumeExpansion: Whether claims may grow.
  volumeBindingMode: Immediate (default), or WaitForFirstConsumer, when a pod needs it. Immutable.
  allowedTopologies: Places where volumes may be made. Everywhere unless given.
VolumeAttachment: Asks for a volume to be attached to a node.
VolumeAttachmentSpec: Which volume, where, and by whom. Immutable.
  attacher: Driver that does it.
  source: The volume.
  nodeName: The node.
VolumeAttachmentSource: The volume. Exactly one of both is given.
  persistentVolumeName: Name of the persistent volume.
  inlineVolumeSpec: What volume it is, for volumes that stand in a pod. Only for migration to CSI.
VolumeAttachmentStatus: Whether the volume is attached.
  attached: Whether it is.
  attachmentMetadata: What the driver wants to be told when it mounts.
  attachError: Why attaching failed last.
  detachError: Why detaching failed last.
VolumeError: Something that went wrong with a volume.
  time: When.
  message: What, for people. It must have no secrets.
  errorCode: Code of gRPC that the driver answered.
VolumeAttributesClass: Attributes of volumes that can be changed while they are in use.
  driverName: Driver that knows the attributes. Immutable.
  parameters: The attributes. Immutable.
`;
