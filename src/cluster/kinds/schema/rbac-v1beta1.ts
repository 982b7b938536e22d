// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const rbacV1beta1 = `
AggregationRule clusterRoleSelectors:1:[]meta.v1.LabelSelector;atomic
ClusterRole metadata:1:meta.v1.ObjectMeta rules:2:[]PolicyRule;atomic aggregationRule:3:AggregationRule;ptr
ClusterRoleBinding metadata:1:meta.v1.ObjectMeta subjects:2:[]Subject;atomic roleRef:3:RoleRef;req
PolicyRule verbs:1:[]string;req;atomic apiGroups:2:[]string;atomic resources:3:[]string;atomic resourceNames:4:[]string;atomic nonResourceURLs:5:[]string;atomic
Role metadata:1:meta.v1.ObjectMeta rules:2:[]PolicyRule;atomic
RoleBinding metadata:1:meta.v1.ObjectMeta subjects:2:[]Subject;atomic roleRef:3:RoleRef;req
RoleRef apiGroup:1:string kind:2:string;req name:3:string;req
Subject kind:1:string;req apiGroup:2:string name:3:string;req namespace:4:string
`;
