// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const schedulingV1alpha2 = `
BasicSchedulingPolicy
GangSchedulingPolicy minCount:1:int32;req
PodGroup metadata:1:meta.v1.ObjectMeta spec:2:PodGroupSpec;req status:3:PodGroupStatus
PodGroupResourceClaim name:1:string;req resourceClaimName:2:string;ptr resourceClaimTemplateName:3:string;ptr
PodGroupResourceClaimStatus name:1:string;req resourceClaimName:2:string;ptr
PodGroupSchedulingConstraints topology:1:[]TopologyConstraint;atomic
PodGroupSchedulingPolicy basic:1:BasicSchedulingPolicy;ptr gang:2:GangSchedulingPolicy;ptr
PodGroupSpec podGroupTemplateRef:1:PodGroupTemplateReference;ptr schedulingPolicy:2:PodGroupSchedulingPolicy;req schedulingConstraints:3:PodGroupSchedulingConstraints;ptr resourceClaims:4:[]PodGroupResourceClaim;map=name;patch=merge+retainKeys,name disruptionMode:5:string;ptr;default="Pod" priorityClassName:6:string priority:7:int32;ptr
PodGroupStatus conditions:1:[]meta.v1.Condition;map=type;patch=merge,type resourceClaimStatuses:2:[]PodGroupResourceClaimStatus;map=name;patch=merge+retainKeys,name
PodGroupTemplate name:1:string;req schedulingPolicy:2:PodGroupSchedulingPolicy;req schedulingConstraints:3:PodGroupSchedulingConstraints;ptr resourceClaims:4:[]PodGroupResourceClaim;map=name;patch=merge+retainKeys,name disruptionMode:5:string;ptr priorityClassName:6:string priority:7:int32;ptr
PodGroupTemplateReference workload:1:WorkloadPodGroupTemplateReference;ptr
TopologyConstraint key:1:string;req
TypedLocalObjectReference apiGroup:1:string kind:2:string;req name:3:string;req
Workload metadata:1:meta.v1.ObjectMeta spec:2:WorkloadSpec;req
WorkloadPodGroupTemplateReference workloadName:1:string;req podGroupTemplateName:2:string;req
WorkloadSpec controllerRef:1:TypedLocalObjectReference;ptr podGroupTemplates:2:[]PodGroupTemplate;req;map=name
`;
