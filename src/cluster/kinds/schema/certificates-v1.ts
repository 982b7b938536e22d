// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const certificatesV1 = `
CertificateSigningRequest metadata:1:meta.v1.ObjectMeta spec:2:CertificateSigningRequestSpec;req status:3:CertificateSigningRequestStatus
CertificateSigningRequestCondition type:1:string;req status:6:string;req reason:2:string message:3:string lastUpdateTime:4:meta.v1.Time lastTransitionTime:5:meta.v1.Time
CertificateSigningRequestSpec request:1:bytes;req signerName:7:string;req expirationSeconds:8:int32;ptr usages:5:[]string;atomic username:2:string uid:3:string groups:4:[]string;atomic extra:6:{}ExtraValue
CertificateSigningRequestStatus conditions:1:[]CertificateSigningRequestCondition;map=type certificate:2:bytes
ExtraValue items:1:[]string;req
`;
