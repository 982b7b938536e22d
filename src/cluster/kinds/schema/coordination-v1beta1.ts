// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const coordinationV1beta1 = `
Lease metadata:1:meta.v1.ObjectMeta spec:2:LeaseSpec
LeaseCandidate metadata:1:meta.v1.ObjectMeta spec:2:LeaseCandidateSpec;req
LeaseCandidateSpec leaseName:1:string;req pingTime:2:meta.v1.MicroTime;ptr renewTime:3:meta.v1.MicroTime;ptr binaryVersion:4:string;req emulationVersion:5:string strategy:6:string;req
LeaseSpec holderIdentity:1:string;ptr leaseDurationSeconds:2:int32;ptr acquireTime:3:meta.v1.MicroTime;ptr renewTime:4:meta.v1.MicroTime;ptr leaseTransitions:5:int32;ptr strategy:6:string;ptr preferredHolder:7:string;ptr
`;
