// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const resource = `
Quantity string:1:string;req
QuantityValue string:1:string;req
`;
