// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const admissionV1 = `
AdmissionRequest uid:1:string kind:2:meta.v1.GroupVersionKind resource:3:meta.v1.GroupVersionResource subResource:4:string requestKind:13:meta.v1.GroupVersionKind;ptr requestResource:14:meta.v1.GroupVersionResource;ptr requestSubResource:15:string name:5:string namespace:6:string operation:7:string userInfo:8:authentication.v1.UserInfo object:9:runtime.RawExtension oldObject:10:runtime.RawExtension dryRun:11:bool;ptr options:12:runtime.RawExtension
AdmissionResponse uid:1:string allowed:2:bool status:3:meta.v1.Status;ptr patch:4:bytes patchType:5:string;ptr auditAnnotations:6:{}string warnings:7:[]string;atomic
AdmissionReview request:1:AdmissionRequest;ptr response:2:AdmissionResponse;ptr
`;
