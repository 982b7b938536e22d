// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const certificatesV1beta1 = `
CertificateSigningRequest metadata:1:meta.v1.ObjectMeta spec:2:CertificateSigningRequestSpec;req status:3:CertificateSigningRequestStatus
CertificateSigningRequestCondition type:1:string;req status:6:string reason:2:string message:3:string lastUpdateTime:4:meta.v1.Time lastTransitionTime:5:meta.v1.Time
CertificateSigningRequestSpec request:1:bytes;req signerName:7:string;ptr expirationSeconds:8:int32;ptr usages:5:[]string;atomic username:2:string uid:3:string groups:4:[]string;atomic extra:6:{}ExtraValue
CertificateSigningRequestStatus conditions:1:[]CertificateSigningRequestCondition;map=type certificate:2:bytes
ClusterTrustBundle metadata:1:meta.v1.ObjectMeta spec:2:ClusterTrustBundleSpec;req
ClusterTrustBundleSpec signerName:1:string trustBundle:2:string;req
ExtraValue items:1:[]string;req
PodCertificateRequest metadata:1:meta.v1.ObjectMeta spec:2:PodCertificateRequestSpec;req status:3:PodCertificateRequestStatus
PodCertificateRequestSpec signerName:1:string;req podName:2:string;req podUID:3:string;req serviceAccountName:4:string;req serviceAccountUID:5:string;req nodeName:6:string;req nodeUID:7:string;req maxExpirationSeconds:8:int32;ptr;default=86400 pkixPublicKey:9:bytes proofOfPossession:10:bytes stubPKCS10Request:12:bytes;req unverifiedUserAnnotations:11:{}string
PodCertificateRequestStatus conditions:1:[]meta.v1.Condition;map=type;patch=merge,type certificateChain:2:string notBefore:4:meta.v1.Time;ptr beginRefreshAt:5:meta.v1.Time;ptr notAfter:6:meta.v1.Time;ptr
`;
