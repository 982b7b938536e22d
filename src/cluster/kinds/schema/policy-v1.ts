// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const policyV1 = `
Eviction metadata:1:meta.v1.ObjectMeta deleteOptions:2:meta.v1.DeleteOptions;ptr
PodDisruptionBudget metadata:1:meta.v1.ObjectMeta spec:2:PodDisruptionBudgetSpec status:3:PodDisruptionBudgetStatus
PodDisruptionBudgetSpec minAvailable:1:intstr.IntOrString;ptr selector:2:meta.v1.LabelSelector;ptr;patch=replace maxUnavailable:3:intstr.IntOrString;ptr unhealthyPodEvictionPolicy:4:string;ptr
PodDisruptionBudgetStatus observedGeneration:1:int64 disruptedPods:2:{}meta.v1.Time disruptionsAllowed:3:int32 currentHealthy:4:int32 desiredHealthy:5:int32 expectedPods:6:int32 conditions:7:[]meta.v1.Condition;map=type;patch=merge,type
`;
