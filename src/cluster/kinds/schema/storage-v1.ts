// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const storageV1 = `
CSIDriver metadata:1:meta.v1.ObjectMeta spec:2:CSIDriverSpec;req
CSIDriverSpec attachRequired:1:bool;ptr podInfoOnMount:2:bool;ptr volumeLifecycleModes:3:[]string;set storageCapacity:4:bool;ptr fsGroupPolicy:5:string;ptr tokenRequests:6:[]TokenRequest;atomic requiresRepublish:7:bool;ptr seLinuxMount:8:bool;ptr nodeAllocatableUpdatePeriodSeconds:9:int64;ptr serviceAccountTokenInSecrets:10:bool;ptr preventPodSchedulingIfMissing:11:bool;ptr
CSINode metadata:1:meta.v1.ObjectMeta spec:2:CSINodeSpec;req
CSINodeDriver name:1:string;req nodeID:2:string;req topologyKeys:3:[]string;atomic allocatable:4:VolumeNodeResources;ptr
CSINodeSpec drivers:1:[]CSINodeDriver;req;map=name;patch=merge,name
CSIStorageCapacity metadata:1:meta.v1.ObjectMeta nodeTopology:2:meta.v1.LabelSelector;ptr storageClassName:3:string;req capacity:4:resource.Quantity;ptr maximumVolumeSize:5:resource.Quantity;ptr
StorageClass metadata:1:meta.v1.ObjectMeta provisioner:2:string;req parameters:3:{}string reclaimPolicy:4:string;ptr mountOptions:5:[]string;atomic allowVolumeExpansion:6:bool;ptr volumeBindingMode:7:string;ptr allowedTopologies:8:[]core.v1.TopologySelectorTerm;atomic
TokenRequest audience:1:string;req expirationSeconds:2:int64;ptr
VolumeAttachment metadata:1:meta.v1.ObjectMeta spec:2:VolumeAttachmentSpec;req status:3:VolumeAttachmentStatus
VolumeAttachmentSource persistentVolumeName:1:string;ptr inlineVolumeSpec:2:core.v1.PersistentVolumeSpec;ptr
VolumeAttachmentSpec attacher:1:string;req source:2:VolumeAttachmentSource;req nodeName:3:string;req
VolumeAttachmentStatus attached:1:bool;req attachmentMetadata:2:{}string attachError:3:VolumeError;ptr detachError:4:VolumeError;ptr
VolumeAttributesClass metadata:1:meta.v1.ObjectMeta driverName:2:string;req parameters:3:{}string
VolumeError time:1:meta.v1.Time message:2:string errorCode:3:int32;ptr
VolumeNodeResources count:1:int32;ptr
`;
