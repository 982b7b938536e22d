// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const storageV1alpha1 = `
CSIStorageCapacity metadata:1:meta.v1.ObjectMeta nodeTopology:2:meta.v1.LabelSelector;ptr storageClassName:3:string;req capacity:4:resource.Quantity;ptr maximumVolumeSize:5:resource.Quantity;ptr
VolumeAttachment metadata:1:meta.v1.ObjectMeta spec:2:VolumeAttachmentSpec;req status:3:VolumeAttachmentStatus
VolumeAttachmentSource persistentVolumeName:1:string;ptr inlineVolumeSpec:2:core.v1.PersistentVolumeSpec;ptr
VolumeAttachmentSpec attacher:1:string;req source:2:VolumeAttachmentSource;req nodeName:3:string;req
VolumeAttachmentStatus attached:1:bool;req attachmentMetadata:2:{}string attachError:3:VolumeError;ptr detachError:4:VolumeError;ptr
VolumeAttributesClass metadata:1:meta.v1.ObjectMeta driverName:2:string;req parameters:3:{}string
VolumeError time:1:meta.v1.Time message:2:string errorCode:3:int32;ptr
`;
