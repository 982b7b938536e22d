// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const apiserverinternalV1alpha1 = `
ServerStorageVersion apiServerID:1:string;req encodingVersion:2:string;req decodableVersions:3:[]string;req;set servedVersions:4:[]string;set
StorageVersion metadata:1:meta.v1.ObjectMeta;req spec:2:StorageVersionSpec status:3:StorageVersionStatus
StorageVersionCondition type:1:string;req status:2:string;req observedGeneration:3:int64 lastTransitionTime:4:meta.v1.Time reason:5:string;req message:6:string;req
StorageVersionSpec
StorageVersionStatus storageVersions:1:[]ServerStorageVersion;map=apiServerID commonEncodingVersion:2:string;ptr conditions:3:[]StorageVersionCondition;map=type
`;
