// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const admissionregistrationV1 = `
ApplyConfiguration expression:1:string
AuditAnnotation key:1:string;req valueExpression:2:string;req
ExpressionWarning fieldRef:2:string;req warning:3:string;req
JSONPatch expression:1:string
MatchCondition name:1:string;req expression:2:string;req
MatchResources! namespaceSelector:1:meta.v1.LabelSelector;ptr objectSelector:2:meta.v1.LabelSelector;ptr resourceRules:3:[]NamedRuleWithOperations;atomic excludeResourceRules:4:[]NamedRuleWithOperations;atomic matchPolicy:7:string;ptr
MutatingAdmissionPolicy metadata:1:meta.v1.ObjectMeta spec:2:MutatingAdmissionPolicySpec
MutatingAdmissionPolicyBinding metadata:1:meta.v1.ObjectMeta spec:2:MutatingAdmissionPolicyBindingSpec
MutatingAdmissionPolicyBindingSpec policyName:1:string paramRef:2:ParamRef;ptr matchResources:3:MatchResources;ptr
MutatingAdmissionPolicySpec paramKind:1:ParamKind;ptr matchConstraints:2:MatchResources;ptr variables:3:[]Variable;atomic mutations:4:[]Mutation;atomic failurePolicy:5:string;ptr matchConditions:6:[]MatchCondition;map=name;patch=merge,name reinvocationPolicy:7:string
MutatingWebhook name:1:string;req clientConfig:2:WebhookClientConfig;req rules:3:[]RuleWithOperations;atomic failurePolicy:4:string;ptr matchPolicy:9:string;ptr namespaceSelector:5:meta.v1.LabelSelector;ptr objectSelector:11:meta.v1.LabelSelector;ptr sideEffects:6:string;ptr;req timeoutSeconds:7:int32;ptr admissionReviewVersions:8:[]string;req;atomic reinvocationPolicy:10:string;ptr matchConditions:12:[]MatchCondition;map=name;patch=merge,name
MutatingWebhookConfiguration metadata:1:meta.v1.ObjectMeta webhooks:2:[]MutatingWebhook;map=name;patch=merge,name
Mutation patchType:2:string;req applyConfiguration:3:ApplyConfiguration;ptr jsonPatch:4:JSONPatch;ptr
NamedRuleWithOperations! resourceNames:1:[]string;atomic ruleWithOperations:2:RuleWithOperations;inline;req
ParamKind! apiVersion:1:string kind:2:string
ParamRef! name:1:string namespace:2:string selector:3:meta.v1.LabelSelector;ptr parameterNotFoundAction:4:string;ptr
Rule apiGroups:1:[]string;atomic apiVersions:2:[]string;atomic resources:3:[]string;atomic scope:4:string;ptr
RuleWithOperations operations:1:[]string;atomic rule:2:Rule;inline;req
ServiceReference namespace:1:string;req name:2:string;req path:3:string;ptr port:4:int32;ptr
TypeChecking expressionWarnings:1:[]ExpressionWarning;atomic
ValidatingAdmissionPolicy metadata:1:meta.v1.ObjectMeta spec:2:ValidatingAdmissionPolicySpec status:3:ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding metadata:1:meta.v1.ObjectMeta spec:2:ValidatingAdmissionPolicyBindingSpec;req
ValidatingAdmissionPolicyBindingSpec policyName:1:string;req paramRef:2:ParamRef;ptr matchResources:3:MatchResources;ptr validationActions:4:[]string;req;set
ValidatingAdmissionPolicySpec paramKind:1:ParamKind;ptr matchConstraints:2:MatchResources;ptr validations:3:[]Validation;atomic failurePolicy:4:string;ptr auditAnnotations:5:[]AuditAnnotation;atomic matchConditions:6:[]MatchCondition;map=name;patch=merge,name variables:7:[]Variable;map=name;patch=merge,name
ValidatingAdmissionPolicyStatus observedGeneration:1:int64 typeChecking:2:TypeChecking;ptr conditions:3:[]meta.v1.Condition;map=type
ValidatingWebhook name:1:string;req clientConfig:2:WebhookClientConfig;req rules:3:[]RuleWithOperations;atomic failurePolicy:4:string;ptr matchPolicy:9:string;ptr namespaceSelector:5:meta.v1.LabelSelector;ptr objectSelector:10:meta.v1.LabelSelector;ptr sideEffects:6:string;ptr;req timeoutSeconds:7:int32;ptr admissionReviewVersions:8:[]string;req;atomic matchConditions:11:[]MatchCondition;map=name;patch=merge,name
ValidatingWebhookConfiguration metadata:1:meta.v1.ObjectMeta webhooks:2:[]ValidatingWebhook;map=name;patch=merge,name
Validation expression:1:string;req message:2:string reason:3:string;ptr messageExpression:4:string
Variable! name:1:string;req expression:2:string;req
WebhookClientConfig url:3:string;ptr service:1:ServiceReference;ptr caBundle:2:bytes
`;
