// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const extensionsV1beta1 = `
DaemonSet metadata:1:meta.v1.ObjectMeta spec:2:DaemonSetSpec status:3:DaemonSetStatus
DaemonSetCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
DaemonSetSpec selector:1:meta.v1.LabelSelector;ptr template:2:core.v1.PodTemplateSpec;req updateStrategy:3:DaemonSetUpdateStrategy minReadySeconds:4:int32 templateGeneration:5:int64 revisionHistoryLimit:6:int32;ptr
DaemonSetStatus currentNumberScheduled:1:int32;req numberMisscheduled:2:int32;req desiredNumberScheduled:3:int32;req numberReady:4:int32;req observedGeneration:5:int64 updatedNumberScheduled:6:int32 numberAvailable:7:int32 numberUnavailable:8:int32 collisionCount:9:int32;ptr conditions:10:[]DaemonSetCondition;map=type;patch=merge,type
DaemonSetUpdateStrategy type:1:string rollingUpdate:2:RollingUpdateDaemonSet;ptr
Deployment metadata:1:meta.v1.ObjectMeta spec:2:DeploymentSpec status:3:DeploymentStatus
DeploymentCondition type:1:string;req status:2:string;req lastUpdateTime:6:meta.v1.Time lastTransitionTime:7:meta.v1.Time reason:4:string message:5:string
DeploymentRollback name:1:string;req updatedAnnotations:2:{}string rollbackTo:3:RollbackConfig;req
DeploymentSpec replicas:1:int32;ptr selector:2:meta.v1.LabelSelector;ptr template:3:core.v1.PodTemplateSpec;req strategy:4:DeploymentStrategy;patch=retainKeys minReadySeconds:5:int32 revisionHistoryLimit:6:int32;ptr paused:7:bool rollbackTo:8:RollbackConfig;ptr progressDeadlineSeconds:9:int32;ptr
DeploymentStatus observedGeneration:1:int64 replicas:2:int32 updatedReplicas:3:int32 readyReplicas:7:int32 availableReplicas:4:int32 unavailableReplicas:5:int32 terminatingReplicas:9:int32;ptr conditions:6:[]DeploymentCondition;map=type;patch=merge,type collisionCount:8:int32;ptr
DeploymentStrategy type:1:string rollingUpdate:2:RollingUpdateDeployment;ptr
HTTPIngressPath path:1:string pathType:3:string;ptr backend:2:IngressBackend;req
HTTPIngressRuleValue paths:1:[]HTTPIngressPath;req;atomic
IPBlock cidr:1:string;req except:2:[]string;atomic
Ingress metadata:1:meta.v1.ObjectMeta spec:2:IngressSpec status:3:IngressStatus
IngressBackend serviceName:1:string servicePort:2:intstr.IntOrString resource:3:core.v1.TypedLocalObjectReference;ptr
IngressLoadBalancerIngress ip:1:string hostname:2:string ports:4:[]IngressPortStatus;atomic
IngressLoadBalancerStatus ingress:1:[]IngressLoadBalancerIngress;atomic
IngressPortStatus port:1:int32;req protocol:2:string;req error:3:string;ptr
IngressRule host:1:string ingressRuleValue:2:IngressRuleValue;inline
IngressRuleValue http:1:HTTPIngressRuleValue;ptr
IngressSpec ingressClassName:4:string;ptr backend:1:IngressBackend;ptr tls:2:[]IngressTLS;atomic rules:3:[]IngressRule;atomic
IngressStatus loadBalancer:1:IngressLoadBalancerStatus
IngressTLS hosts:1:[]string;atomic secretName:2:string
NetworkPolicy metadata:1:meta.v1.ObjectMeta spec:2:NetworkPolicySpec
NetworkPolicyEgressRule ports:1:[]NetworkPolicyPort;atomic to:2:[]NetworkPolicyPeer;atomic
NetworkPolicyIngressRule ports:1:[]NetworkPolicyPort;atomic from:2:[]NetworkPolicyPeer;atomic
NetworkPolicyPeer podSelector:1:meta.v1.LabelSelector;ptr namespaceSelector:2:meta.v1.LabelSelector;ptr ipBlock:3:IPBlock;ptr
NetworkPolicyPort protocol:1:string;ptr port:2:intstr.IntOrString;ptr endPort:3:int32;ptr
NetworkPolicySpec podSelector:1:meta.v1.LabelSelector;req ingress:2:[]NetworkPolicyIngressRule;atomic egress:3:[]NetworkPolicyEgressRule;atomic policyTypes:4:[]string;atomic
ReplicaSet metadata:1:meta.v1.ObjectMeta spec:2:ReplicaSetSpec status:3:ReplicaSetStatus
ReplicaSetCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
ReplicaSetSpec replicas:1:int32;ptr minReadySeconds:4:int32 selector:2:meta.v1.LabelSelector;ptr template:3:core.v1.PodTemplateSpec
ReplicaSetStatus replicas:1:int32;req fullyLabeledReplicas:2:int32 readyReplicas:4:int32 availableReplicas:5:int32 terminatingReplicas:7:int32;ptr observedGeneration:3:int64 conditions:6:[]ReplicaSetCondition;map=type;patch=merge,type
RollbackConfig revision:1:int64
RollingUpdateDaemonSet maxUnavailable:1:intstr.IntOrString;ptr maxSurge:2:intstr.IntOrString;ptr
RollingUpdateDeployment maxUnavailable:1:intstr.IntOrString;ptr maxSurge:2:intstr.IntOrString;ptr
Scale metadata:1:meta.v1.ObjectMeta spec:2:ScaleSpec status:3:ScaleStatus
ScaleSpec replicas:1:int32;default=0
ScaleStatus replicas:1:int32;req selector:2:{}string;atomic targetSelector:3:string
`;
