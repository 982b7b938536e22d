// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const nodeV1 = `
Overhead podFixed:1:{}resource.Quantity
RuntimeClass metadata:1:meta.v1.ObjectMeta handler:2:string;req overhead:3:Overhead;ptr scheduling:4:Scheduling;ptr
Scheduling nodeSelector:1:{}string;atomic tolerations:2:[]core.v1.Toleration;atomic
`;
