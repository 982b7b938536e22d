// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const storagemigrationV1beta1 = `
StorageVersionMigration metadata:1:meta.v1.ObjectMeta spec:2:StorageVersionMigrationSpec status:3:StorageVersionMigrationStatus
StorageVersionMigrationSpec resource:1:meta.v1.GroupResource;req
StorageVersionMigrationStatus conditions:1:[]meta.v1.Condition;map=type;patch=merge,type resourceVersion:2:string
`;
