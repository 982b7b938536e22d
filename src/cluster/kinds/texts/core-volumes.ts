/** Storage of pods: volumes, claims, and the volumes that are theirs. */
export const coreVolumes = `
Volume: Storage that containers of a pod can mount. Exactly one kind of source is given.
  name: Unique in the pod, and a DNS label.
  hostPath: A path on the node itself. Dangerous: pods may see and change what is the node's.
  emptyDir: An empty directory that lives as long as the pod.
  gcePersistentDisk: Deprecated: a disk of Google Compute Engine. A CSI driver serves it.
  awsElasticBlockStore: Deprecated: a disk of AWS. A CSI driver serves it.
  gitRepo: Deprecated: a clone of a git repository. An init container does it better.
  secret: Keys of a secret, as files.
  nfs: A directory that an NFS server exports.
  iscsi: A disk reached by iSCSI.
  glusterfs: Deprecated: a volume of GlusterFS. No longer supported.
  persistentVolumeClaim: Storage that a claim of the namespace was given.
  rbd: Deprecated: a block device of Ceph. No longer supported.
  flexVolume: Deprecated: storage by a FlexVolume driver. CSI has taken its place.
  cinder: Deprecated: a disk of OpenStack. A CSI driver serves it.
  cephfs: Deprecated: a file system of Ceph. No longer supported.
  flocker: Deprecated: a data set of Flocker. No longer supported.
  downwardAPI: Fields of the pod, as files.
  fc: A disk reached by Fibre Channel.
  azureFile: Deprecated: a share of Azure. A CSI driver serves it.
  configMap: Keys of a config map, as files.
  vsphereVolume: Deprecated: a disk of vSphere. A CSI driver serves it.
  quobyte: Deprecated: a volume of Quobyte. No longer supported.
  azureDisk: Deprecated: a disk of Azure. A CSI driver serves it.
  photonPersistentDisk: Deprecated: a disk of Photon Controller. No longer supported.
  projected: Several sources in one directory.
  portworxVolume: Deprecated: a volume of Portworx. A CSI driver serves it.
  scaleIO: Deprecated: a volume of ScaleIO. No longer supported.
  storageos: Deprecated: a volume of StorageOS. No longer supported.
  csi: Storage by a CSI driver that lives as long as the pod.
  ephemeral: Storage by a claim that is made for the pod, and removed with it.
  image: Content of an image, read-only.
PersistentVolume: A piece of the cluster's storage, which claims are bound to.
PersistentVolumeSpec < Volume: What a volume is and who may have it. Exactly one kind of source is given.
  capacity: How much it holds, under the key storage.
  local: A path or device of one node, which nodeAffinity names.
  csi: Storage by a CSI driver.
  accessModes: Ways in which it can be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.
  claimRef: The claim to which it is bound.
  persistentVolumeReclaimPolicy: What becomes of it when its claim is gone: Retain (default of those made by hand), Delete, or the deprecated Recycle.
  storageClassName: Its storage class. Empty for none.
  mountOptions: Options for mounting it. They aren't checked: wrong ones fail the mount.
  volumeMode: Filesystem (default) or Block.
  nodeAffinity: From which nodes it can be reached.
  volumeAttributesClassName: Class of its changeable attributes, set by the cluster when the claim's is applied.
PersistentVolumeStatus: Whether a volume is in use.
  phase: Pending, Available, Bound, Released or Failed.
  message: Why, for people.
  reason: Why, in one CamelCase word.
  lastPhaseTransitionTime: When the phase last changed.
VolumeNodeAffinity: From which nodes a volume can be reached.
  required: What a node must be like.
PersistentVolumeClaim: A wish for storage, which is met by a volume.
PersistentVolumeClaimSpec: What storage is wished for.
  accessModes: Ways of mounting that the volume must allow.
  selector: Labels that the volume must have.
  resources: How much it must hold: requests.storage. It may grow where the class allows it.
  volumeName: The volume that it is bound to, or must be bound to.
  storageClassName: The storage class. The default class unless given; empty for volumes of no class.
  volumeMode: Filesystem (default) or Block.
  dataSource: What the volume begins with: a snapshot, or a claim to be cloned.
  dataSourceRef: The same for further kinds and other namespaces; it equals dataSource where that can say it.
  volumeAttributesClassName: Class of attributes wished for the volume. It may be changed later.
VolumeResourceRequirements: How much storage.
  limits: Most that it may hold, by resource.
  requests: Least that it must hold, by resource: storage.
PersistentVolumeClaimStatus: What a claim was given.
  phase: Pending, Bound or Lost.
  accessModes: Ways in which its volume can be mounted.
  capacity: How much its volume holds.
  conditions: What is going on, such as a resize.
  allocatedResources: Size that a resize under way is going to reach.
  allocatedResourceStatuses: How far the resize has come, by resource.
  currentVolumeAttributesClassName: The class of attributes that the volume has now.
  modifyVolumeStatus: How far a change of attributes has come.
PersistentVolumeClaimCondition < meta.Condition: One thing that goes on with a claim.
  lastProbeTime: When it was last looked at.
ModifyVolumeStatus: A change of a volume's attributes.
  targetVolumeAttributesClassName: The class that is being applied.
  status: Pending, InProgress or Infeasible.
PersistentVolumeClaimTemplate: A pattern of claims.
  metadata: Labels and annotations that the claim gets. Nothing else is allowed.
  spec: What storage the claim wishes for.
PersistentVolumeClaimVolumeSource: Storage that a claim was given.
  claimName: A claim in the pod's namespace.
  readOnly: Whether it is mounted so for all containers. Default false.
EphemeralVolumeSource: A claim made for one pod.
  volumeClaimTemplate: The claim to make; it is called POD-VOLUME and owned by the pod. Immutable.
EmptyDirVolumeSource: An empty directory.
  medium: Memory keeps it in the node's memory, which counts for the container. Default: the node's disk.
  sizeLimit: How much it may hold; the pod is evicted beyond it. Unlimited unless given.
HostPathVolumeSource: A path on the node.
  path: The path. Links are followed.
  type: What must be there, or is made: Directory, DirectoryOrCreate, File, FileOrCreate, Socket, CharDevice, BlockDevice. Default: not checked.
LocalVolumeSource: A path or device of a node.
  path: A directory, or a block device.
  fsType: File system to make on a device that has none.
GitRepoVolumeSource: A clone of a git repository.
  repository: Address to clone from.
  revision: Commit to check out.
  directory: Directory for the clone, without dots that lead up. The volume itself for a single dot.
KeyToPath: A key that becomes a file.
  key: The key.
  path: Path of the file in the volume, relative and without dots that lead up.
  mode: Permission bits of the file, from 0 to 0777 octal. The volume's default unless given.
SecretVolumeSource: Keys of a secret, as files.
  secretName: A secret in the pod's namespace.
  items: The keys, and where they appear. All, under their own names, unless given.
  defaultMode: Permission bits of files. Default 0644 octal.
  optional: Whether the pod starts without the secret or a key too.
ConfigMapVolumeSource: Keys of a config map, as files.
  name: A config map in the pod's namespace.
  items: The keys, and where they appear. All, under their own names, unless given.
  defaultMode: Permission bits of files. Default 0644 octal.
  optional: Whether the pod starts without the config map or a key too.
DownwardAPIVolumeSource: Fields of the pod, as files.
  items: The files.
  defaultMode: Permission bits of files. Default 0644 octal.
DownwardAPIVolumeFile: A file with a field of the pod.
  path: Path of the file in the volume, relative and without dots that lead up.
  fieldRef: A field: name, namespace, uid, labels or annotations.
  resourceFieldRef: A request or limit of a container.
  mode: Permission bits of the file, from 0 to 0777 octal. The volume's default unless given.
ProjectedVolumeSource: Several sources in one directory.
  sources: The sources. Their files must not stand in each other's way.
  defaultMode: Permission bits of files. Default 0644 octal.
VolumeProjection: One source of files. Exactly one kind is given.
  secret: Keys of a secret.
  downwardAPI: Fields of the pod.
  configMap: Keys of a config map.
  serviceAccountToken: A token of the pod's service account.
  clusterTrustBundle: Certificates of authorities that the cluster trusts.
  podCertificate: A key and certificate made for the pod.
SecretProjection < SecretVolumeSource: Keys of a secret.
  name: A secret in the pod's namespace.
ConfigMapProjection < ConfigMapVolumeSource: Keys of a config map.
DownwardAPIProjection < DownwardAPIVolumeSource: Fields of the pod.
ServiceAccountTokenProjection: A token for this pod, renewed before it expires.
  audience: For whom it is meant: others must refuse it. The API server unless given.
  expirationSeconds: Seconds for which it is valid, at least 600. Default 3600.
  path: Path of the file in the volume.
ClusterTrustBundleProjection: Trusted certificates, in one file.
  name: The bundle, by name. Not together with signerName.
  signerName: All bundles of this signer that labelSelector chooses.
  labelSelector: Bundles of the signer. None when missing, all when empty.
  optional: Whether the pod starts without any bundle too.
  path: Path of the file in the volume.
PodCertificateProjection: A key and a certificate made for the pod, and renewed.
  signerName: Who is asked to sign.
  keyType: Kind of key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519.
  maxExpirationSeconds: Longest life of the certificate in seconds, from 3600 to 7862400. Default 86400.
  credentialBundlePath: File for key and certificates together, which are replaced at once. To be preferred.
  keyPath: File for the key.
  certificateChainPath: File for the certificates.
  userAnnotations: Further words to the signer, passed on unchecked.
CSIVolumeSource: Storage by a CSI driver that lives as long as the pod.
  driver: Name of the driver.
  readOnly: Whether it is mounted so. Default false.
  fsType: File system. The driver decides unless given.
  volumeAttributes: Settings that the driver understands.
  nodePublishSecretRef: Secret that the driver needs for mounting.
CSIPersistentVolumeSource < CSIVolumeSource: Storage by a CSI driver.
  volumeHandle: What the driver calls the volume. Immutable.
  controllerPublishSecretRef: Secret that the driver needs for attaching.
  nodeStageSecretRef: Secret that the driver needs for preparing it on a node.
  controllerExpandSecretRef: Secret that the driver needs for making it larger.
  nodeExpandSecretRef: Secret that the driver needs for making it larger on the node.
ImageVolumeSource: Content of an image.
  reference: Name of the image, with tag or digest.
  pullPolicy: When it is fetched: Always, IfNotPresent or Never. Always for the tag latest, otherwise IfNotPresent, unless given.
`;
