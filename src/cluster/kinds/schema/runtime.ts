// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const runtime = `
RawExtension raw:1:bytes;req
TypeMeta apiVersion:1:string kind:2:string
Unknown typeMeta:1:TypeMeta;inline;req raw:2:bytes;req contentEncoding:3:string;req contentType:4:string;req
`;
