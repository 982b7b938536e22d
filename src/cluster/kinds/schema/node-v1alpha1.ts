// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const nodeV1alpha1 = `
Overhead podFixed:1:{}resource.Quantity
RuntimeClass metadata:1:meta.v1.ObjectMeta spec:2:RuntimeClassSpec;req
RuntimeClassSpec runtimeHandler:1:string;req overhead:2:Overhead;ptr scheduling:3:Scheduling;ptr
Scheduling nodeSelector:1:{}string;atomic tolerations:2:[]core.v1.Toleration;atomic
`;
