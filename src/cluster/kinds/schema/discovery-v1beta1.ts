// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const discoveryV1beta1 = `
Endpoint addresses:1:[]string;req;set conditions:2:EndpointConditions hostname:3:string;ptr targetRef:4:core.v1.ObjectReference;ptr topology:5:{}string nodeName:6:string;ptr hints:7:EndpointHints;ptr
EndpointConditions ready:1:bool;ptr serving:2:bool;ptr terminating:3:bool;ptr
EndpointHints forZones:1:[]ForZone;atomic forNodes:2:[]ForNode;atomic
EndpointPort name:1:string;ptr protocol:2:string;ptr port:3:int32;ptr appProtocol:4:string;ptr
EndpointSlice metadata:1:meta.v1.ObjectMeta addressType:4:string;req endpoints:2:[]Endpoint;req;atomic ports:3:[]EndpointPort;atomic
ForNode name:1:string;req
ForZone name:1:string;req
`;
