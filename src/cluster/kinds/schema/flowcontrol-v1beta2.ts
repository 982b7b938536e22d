// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const flowcontrolV1beta2 = `
ExemptPriorityLevelConfiguration nominalConcurrencyShares:1:int32;ptr lendablePercent:2:int32;ptr
FlowDistinguisherMethod type:1:string;req
FlowSchema metadata:1:meta.v1.ObjectMeta spec:2:FlowSchemaSpec status:3:FlowSchemaStatus
FlowSchemaCondition type:1:string status:2:string lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
FlowSchemaSpec priorityLevelConfiguration:1:PriorityLevelConfigurationReference;req matchingPrecedence:2:int32 distinguisherMethod:3:FlowDistinguisherMethod;ptr rules:4:[]PolicyRulesWithSubjects;atomic
FlowSchemaStatus conditions:1:[]FlowSchemaCondition;map=type
GroupSubject name:1:string;req
LimitResponse type:1:string;req queuing:2:QueuingConfiguration;ptr
LimitedPriorityLevelConfiguration assuredConcurrencyShares:1:int32 limitResponse:2:LimitResponse lendablePercent:3:int32;ptr borrowingLimitPercent:4:int32;ptr
NonResourcePolicyRule verbs:1:[]string;req;set nonResourceURLs:6:[]string;req;set
PolicyRulesWithSubjects subjects:1:[]Subject;req;atomic resourceRules:2:[]ResourcePolicyRule;atomic nonResourceRules:3:[]NonResourcePolicyRule;atomic
PriorityLevelConfiguration metadata:1:meta.v1.ObjectMeta spec:2:PriorityLevelConfigurationSpec status:3:PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition type:1:string status:2:string lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
PriorityLevelConfigurationReference name:1:string;req
PriorityLevelConfigurationSpec type:1:string;req limited:2:LimitedPriorityLevelConfiguration;ptr exempt:3:ExemptPriorityLevelConfiguration;ptr
PriorityLevelConfigurationStatus conditions:1:[]PriorityLevelConfigurationCondition;map=type
QueuingConfiguration queues:1:int32 handSize:2:int32 queueLengthLimit:3:int32
ResourcePolicyRule verbs:1:[]string;req;set apiGroups:2:[]string;req;set resources:3:[]string;req;set clusterScope:4:bool namespaces:5:[]string;set
ServiceAccountSubject namespace:1:string;req name:2:string;req
Subject kind:1:string;req user:2:UserSubject;ptr group:3:GroupSubject;ptr serviceAccount:4:ServiceAccountSubject;ptr
UserSubject name:1:string;req
`;
