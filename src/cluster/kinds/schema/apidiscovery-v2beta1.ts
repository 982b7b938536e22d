// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const apidiscoveryV2beta1 = `
APIGroupDiscovery metadata:1:meta.v1.ObjectMeta versions:2:[]APIVersionDiscovery;map=version
APIResourceDiscovery resource:1:string;req responseKind:2:meta.v1.GroupVersionKind;ptr scope:3:string;req singularResource:4:string;req verbs:5:[]string;req;set shortNames:6:[]string;set categories:7:[]string;set subresources:8:[]APISubresourceDiscovery;map=subresource
APISubresourceDiscovery subresource:1:string;req responseKind:2:meta.v1.GroupVersionKind;ptr acceptedTypes:3:[]meta.v1.GroupVersionKind;map=group,version,kind verbs:4:[]string;req;set
APIVersionDiscovery version:1:string;req resources:2:[]APIResourceDiscovery;map=resource freshness:3:string
`;
