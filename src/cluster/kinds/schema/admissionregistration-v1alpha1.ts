// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const admissionregistrationV1alpha1 = `
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
Mutation patchType:2:string;req applyConfiguration:3:ApplyConfiguration;ptr jsonPatch:4:JSONPatch;ptr
NamedRuleWithOperations! resourceNames:1:[]string;atomic ruleWithOperations:2:admissionregistration.v1.RuleWithOperations;inline;req
ParamKind! apiVersion:1:string kind:2:string
ParamRef! name:1:string namespace:2:string selector:3:meta.v1.LabelSelector;ptr parameterNotFoundAction:4:string;ptr
TypeChecking expressionWarnings:1:[]ExpressionWarning;atomic
ValidatingAdmissionPolicy metadata:1:meta.v1.ObjectMeta spec:2:ValidatingAdmissionPolicySpec status:3:ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding metadata:1:meta.v1.ObjectMeta spec:2:ValidatingAdmissionPolicyBindingSpec;req
ValidatingAdmissionPolicyBindingSpec policyName:1:string;req paramRef:2:ParamRef;ptr matchResources:3:MatchResources;ptr validationActions:4:[]string;req;set
ValidatingAdmissionPolicySpec paramKind:1:ParamKind;ptr matchConstraints:2:MatchResources;ptr validations:3:[]Validation;atomic failurePolicy:4:string;ptr auditAnnotations:5:[]AuditAnnotation;atomic matchConditions:6:[]MatchCondition;map=name;patch=merge,name variables:7:[]Variable;map=name;patch=merge,name
ValidatingAdmissionPolicyStatus observedGeneration:1:int64 typeChecking:2:TypeChecking;ptr conditions:3:[]meta.v1.Condition;map=type
Validation expression:1:string;req message:2:string reason:3:string;ptr messageExpression:4:string
Variable name:1:string;req expression:2:string;req
`;
