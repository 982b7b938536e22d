/** Storage of other makers. Most of it is served by CSI drivers now, and kept here for old manifests. */
export const coreNetworkStorage = `
GCEPersistentDiskVolumeSource: A disk of Google Compute Engine.
  pdName: Name of the disk.
  fsType: File system on it. Default ext4.
  partition: Number of the partition. 0 or none for the whole disk.
  readOnly: Whether it is attached so. Default false.
AWSElasticBlockStoreVolumeSource: A disk of AWS.
  volumeID: Identity of the disk.
  fsType: File system on it. Default ext4.
  partition: Number of the partition. 0 or none for the whole disk.
  readOnly: Whether it is mounted so. Default false.
AzureDiskVolumeSource: A disk of Azure.
  diskName: Name of the disk.
  diskURI: Address of the disk.
  cachingMode: How the host caches: None, ReadOnly or ReadWrite.
  fsType: File system on it. Default ext4.
  readOnly: Whether it is mounted so. Default false.
  kind: Shared, Dedicated or Managed. Default Shared.
AzureFileVolumeSource: A share of Azure.
  secretName: Secret with name and key of the storage account.
  shareName: Name of the share.
  readOnly: Whether it is mounted so. Default false.
AzureFilePersistentVolumeSource < AzureFileVolumeSource: A share of Azure.
  secretNamespace: Namespace of the secret. The pod's unless given.
NFSVolumeSource: A directory of an NFS server.
  server: Name or address of the server.
  path: Path that it exports.
  readOnly: Whether it is mounted so. Default false.
ISCSIVolumeSource: A disk reached by iSCSI.
  targetPortal: Address of the target, with a port unless it is 3260.
  iqn: Qualified name of the target.
  lun: Number of the disk at the target.
  iscsiInterface: Interface of the initiator. Default: default, which is tcp.
  fsType: File system on it. Default ext4.
  readOnly: Whether it is mounted so. Default false.
  portals: Further addresses of the target, for several paths.
  chapAuthDiscovery: Whether discovery authenticates by CHAP.
  chapAuthSession: Whether sessions authenticate by CHAP.
  secretRef: Secret for CHAP.
  initiatorName: Qualified name of the initiator, in place of the node's.
ISCSIPersistentVolumeSource < ISCSIVolumeSource: A disk reached by iSCSI.
GlusterfsVolumeSource: A volume of GlusterFS.
  endpoints: Endpoints object with the servers.
  path: Name of the volume.
  readOnly: Whether it is mounted so. Default false.
GlusterfsPersistentVolumeSource < GlusterfsVolumeSource: A volume of GlusterFS.
  endpointsNamespace: Namespace of the endpoints. The claim's unless given.
RBDVolumeSource: A block device of Ceph.
  monitors: Addresses of the monitors.
  image: Name of the image.
  fsType: File system on it. Default ext4.
  pool: Pool of the image. Default rbd.
  user: User of Ceph. Default admin.
  keyring: Path of the key ring. Default /etc/ceph/keyring.
  secretRef: Secret with the key, in place of the key ring.
  readOnly: Whether it is mounted so. Default false.
RBDPersistentVolumeSource < RBDVolumeSource: A block device of Ceph.
CephFSVolumeSource: A file system of Ceph.
  monitors: Addresses of the monitors.
  path: Directory of it that is mounted. Default /.
  user: User of Ceph. Default admin.
  secretFile: Path of the key ring. Default /etc/ceph/user.secret.
  secretRef: Secret with the key, in place of the key ring.
  readOnly: Whether it is mounted so. Default false.
CephFSPersistentVolumeSource < CephFSVolumeSource: A file system of Ceph.
CinderVolumeSource: A disk of OpenStack.
  volumeID: Identity of the disk.
  fsType: File system on it. Default ext4.
  readOnly: Whether it is mounted so. Default false.
  secretRef: Secret with what it takes to reach OpenStack.
CinderPersistentVolumeSource < CinderVolumeSource: A disk of OpenStack.
FCVolumeSource: A disk reached by Fibre Channel, by targetWWNs and lun or by wwids.
  targetWWNs: World wide names of the target.
  lun: Number of the disk at the target.
  fsType: File system on it. Default ext4.
  readOnly: Whether it is mounted so. Default false.
  wwids: World wide identities of the disk.
FlockerVolumeSource: A data set of Flocker. One of both names it.
  datasetName: Deprecated: its name, as metadata of the data set.
  datasetUUID: Its identity.
FlexVolumeSource: Storage by a FlexVolume driver.
  driver: Name of the driver.
  fsType: File system on it. The driver decides unless given.
  secretRef: Secret that is passed to the driver.
  readOnly: Whether it is mounted so. Default false.
  options: Settings that the driver understands.
FlexPersistentVolumeSource < FlexVolumeSource: Storage by a FlexVolume driver.
VsphereVirtualDiskVolumeSource: A disk of vSphere.
  volumePath: Path of the disk's file.
  fsType: File system on it. Default ext4.
  storagePolicyName: Name of the storage policy.
  storagePolicyID: Identity of the storage policy.
QuobyteVolumeSource: A volume of Quobyte.
  registry: Addresses of the registry, as HOST:PORT and with commas between.
  volume: Name of the volume.
  readOnly: Whether it is mounted so. Default false.
  user: User as which it is used. That of the service account unless given.
  group: Group as which it is used. None unless given.
  tenant: Tenant that the volume belongs to.
PhotonPersistentDiskVolumeSource: A disk of Photon Controller.
  pdID: Identity of the disk.
  fsType: File system on it. Default ext4.
PortworxVolumeSource: A volume of Portworx.
  volumeID: Identity of the volume.
  fsType: File system on it. Default ext4.
  readOnly: Whether it is mounted so. Default false.
ScaleIOVolumeSource: A volume of ScaleIO.
  gateway: Address of the gateway.
  system: Name of the storage system.
  secretRef: Secret with user and password.
  sslEnabled: Whether the gateway is reached by TLS. Default false.
  protectionDomain: Name of the protection domain.
  storagePool: Name of the pool.
  storageMode: ThinProvisioned (default) or ThickProvisioned.
  volumeName: Name of the volume.
  fsType: File system on it. Default xfs.
  readOnly: Whether it is mounted so. Default false.
ScaleIOPersistentVolumeSource < ScaleIOVolumeSource: A volume of ScaleIO.
StorageOSVolumeSource: A volume of StorageOS.
  volumeName: Name of the volume.
  volumeNamespace: Namespace in StorageOS. The pod's unless given.
  fsType: File system on it. Default ext4.
  readOnly: Whether it is mounted so. Default false.
  secretRef: Secret with what it takes to reach StorageOS.
StorageOSPersistentVolumeSource < StorageOSVolumeSource: A volume of StorageOS.
`;
