// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const networkingV1 = `
HTTPIngressPath path:1:string pathType:3:string;ptr;req backend:2:IngressBackend;req
HTTPIngressRuleValue paths:1:[]HTTPIngressPath;req;atomic
IPAddress metadata:1:meta.v1.ObjectMeta spec:2:IPAddressSpec;req
IPAddressSpec parentRef:1:ParentReference;ptr;req
IPBlock cidr:1:string;req except:2:[]string;atomic
Ingress metadata:1:meta.v1.ObjectMeta spec:2:IngressSpec status:3:IngressStatus
IngressBackend service:4:IngressServiceBackend;ptr resource:3:core.v1.TypedLocalObjectReference;ptr
IngressClass metadata:1:meta.v1.ObjectMeta spec:2:IngressClassSpec
IngressClassParametersReference apiGroup:1:string;ptr kind:2:string;req name:3:string;req scope:4:string;ptr namespace:5:string;ptr
IngressClassSpec controller:1:string parameters:2:IngressClassParametersReference;ptr
IngressLoadBalancerIngress ip:1:string hostname:2:string ports:4:[]IngressPortStatus;atomic
IngressLoadBalancerStatus ingress:1:[]IngressLoadBalancerIngress;atomic
IngressPortStatus port:1:int32;req protocol:2:string;req error:3:string;ptr
IngressRule host:1:string ingressRuleValue:2:IngressRuleValue;inline
IngressRuleValue http:1:HTTPIngressRuleValue;ptr
IngressServiceBackend name:1:string;req port:2:ServiceBackendPort
IngressSpec ingressClassName:4:string;ptr defaultBackend:1:IngressBackend;ptr tls:2:[]IngressTLS;atomic rules:3:[]IngressRule;atomic
IngressStatus loadBalancer:1:IngressLoadBalancerStatus
IngressTLS hosts:1:[]string;atomic secretName:2:string
NetworkPolicy metadata:1:meta.v1.ObjectMeta spec:2:NetworkPolicySpec
NetworkPolicyEgressRule ports:1:[]NetworkPolicyPort;atomic to:2:[]NetworkPolicyPeer;atomic
NetworkPolicyIngressRule ports:1:[]NetworkPolicyPort;atomic from:2:[]NetworkPolicyPeer;atomic
NetworkPolicyPeer podSelector:1:meta.v1.LabelSelector;ptr namespaceSelector:2:meta.v1.LabelSelector;ptr ipBlock:3:IPBlock;ptr
NetworkPolicyPort protocol:1:string;ptr port:2:intstr.IntOrString;ptr endPort:3:int32;ptr
NetworkPolicySpec podSelector:1:meta.v1.LabelSelector ingress:2:[]NetworkPolicyIngressRule;atomic egress:3:[]NetworkPolicyEgressRule;atomic policyTypes:4:[]string;atomic
ParentReference group:1:string resource:2:string;req namespace:3:string name:4:string;req
ServiceBackendPort! name:1:string number:2:int32
ServiceCIDR metadata:1:meta.v1.ObjectMeta spec:2:ServiceCIDRSpec status:3:ServiceCIDRStatus
ServiceCIDRSpec cidrs:1:[]string;atomic
ServiceCIDRStatus conditions:1:[]meta.v1.Condition;map=type;patch=merge,type
`;
