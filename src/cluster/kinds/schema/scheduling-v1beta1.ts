// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const schedulingV1beta1 = `
PriorityClass metadata:1:meta.v1.ObjectMeta value:2:int32 globalDefault:3:bool description:4:string preemptionPolicy:5:string;ptr
`;
