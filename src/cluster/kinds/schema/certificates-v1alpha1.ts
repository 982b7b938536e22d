// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const certificatesV1alpha1 = `
ClusterTrustBundle metadata:1:meta.v1.ObjectMeta spec:2:ClusterTrustBundleSpec;req
ClusterTrustBundleSpec signerName:1:string trustBundle:2:string;req
`;
