// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const authorizationV1beta1 = `
ExtraValue items:1:[]string;req
LocalSubjectAccessReview metadata:1:meta.v1.ObjectMeta spec:2:SubjectAccessReviewSpec;req status:3:SubjectAccessReviewStatus
NonResourceAttributes path:1:string verb:2:string
NonResourceRule verbs:1:[]string;req;atomic nonResourceURLs:2:[]string;atomic
ResourceAttributes namespace:1:string verb:2:string group:3:string version:4:string resource:5:string subresource:6:string name:7:string fieldSelector:8:authorization.v1.FieldSelectorAttributes;ptr labelSelector:9:authorization.v1.LabelSelectorAttributes;ptr
ResourceRule verbs:1:[]string;req;atomic apiGroups:2:[]string;atomic resources:3:[]string;atomic resourceNames:4:[]string;atomic
SelfSubjectAccessReview metadata:1:meta.v1.ObjectMeta spec:2:SelfSubjectAccessReviewSpec;req status:3:SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec resourceAttributes:1:ResourceAttributes;ptr nonResourceAttributes:2:NonResourceAttributes;ptr
SelfSubjectRulesReview metadata:1:meta.v1.ObjectMeta spec:2:SelfSubjectRulesReviewSpec;req status:3:SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec namespace:1:string
SubjectAccessReview metadata:1:meta.v1.ObjectMeta spec:2:SubjectAccessReviewSpec;req status:3:SubjectAccessReviewStatus
SubjectAccessReviewSpec resourceAttributes:1:ResourceAttributes;ptr nonResourceAttributes:2:NonResourceAttributes;ptr user:3:string group:4:[]string;atomic extra:5:{}ExtraValue uid:6:string
SubjectAccessReviewStatus allowed:1:bool;req denied:4:bool reason:2:string evaluationError:3:string
SubjectRulesReviewStatus resourceRules:1:[]ResourceRule;req;atomic nonResourceRules:2:[]NonResourceRule;req;atomic incomplete:3:bool;req evaluationError:4:string
`;
