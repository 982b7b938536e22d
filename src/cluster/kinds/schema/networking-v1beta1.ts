// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const networkingV1beta1 = `
HTTPIngressPath path:1:string pathType:3:string;ptr backend:2:IngressBackend;req
HTTPIngressRuleValue paths:1:[]HTTPIngressPath;req;atomic
IPAddress metadata:1:meta.v1.ObjectMeta spec:2:IPAddressSpec;req
IPAddressSpec parentRef:1:ParentReference;ptr;req
Ingress metadata:1:meta.v1.ObjectMeta spec:2:IngressSpec status:3:IngressStatus
IngressBackend serviceName:1:string servicePort:2:intstr.IntOrString resource:3:core.v1.TypedLocalObjectReference;ptr
IngressClass metadata:1:meta.v1.ObjectMeta spec:2:IngressClassSpec
IngressClassParametersReference apiGroup:1:string;ptr kind:2:string;req name:3:string;req scope:4:string;ptr;req namespace:5:string;ptr
IngressClassSpec controller:1:string parameters:2:IngressClassParametersReference;ptr
IngressLoadBalancerIngress ip:1:string hostname:2:string ports:4:[]IngressPortStatus;atomic
IngressLoadBalancerStatus ingress:1:[]IngressLoadBalancerIngress;atomic
IngressPortStatus port:1:int32;req protocol:2:string;req error:3:string;ptr
IngressRule host:1:string ingressRuleValue:2:IngressRuleValue;inline
IngressRuleValue http:1:HTTPIngressRuleValue;ptr
IngressSpec ingressClassName:4:string;ptr backend:1:IngressBackend;ptr tls:2:[]IngressTLS;atomic rules:3:[]IngressRule;atomic
IngressStatus loadBalancer:1:IngressLoadBalancerStatus
IngressTLS hosts:1:[]string;atomic secretName:2:string
ParentReference group:1:string resource:2:string;req namespace:3:string name:4:string;req
ServiceCIDR metadata:1:meta.v1.ObjectMeta spec:2:ServiceCIDRSpec status:3:ServiceCIDRStatus
ServiceCIDRSpec cidrs:1:[]string;atomic
ServiceCIDRStatus conditions:1:[]meta.v1.Condition;map=type;patch=merge,type
`;
