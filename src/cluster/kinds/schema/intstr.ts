// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const intstr = `
IntOrString type:1:int64;req intVal:2:int32;req strVal:3:string;req
`;
