// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const coordinationV1 = `
Lease metadata:1:meta.v1.ObjectMeta spec:2:LeaseSpec
LeaseSpec holderIdentity:1:string;ptr leaseDurationSeconds:2:int32;ptr acquireTime:3:meta.v1.MicroTime;ptr renewTime:4:meta.v1.MicroTime;ptr leaseTransitions:5:int32;ptr strategy:6:string;ptr preferredHolder:7:string;ptr
`;
