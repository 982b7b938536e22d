// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const batchV1 = `
CronJob metadata:1:meta.v1.ObjectMeta spec:2:CronJobSpec;req status:3:CronJobStatus
CronJobSpec schedule:1:string;req timeZone:8:string;ptr startingDeadlineSeconds:2:int64;ptr concurrencyPolicy:3:string suspend:4:bool;ptr jobTemplate:5:JobTemplateSpec;req successfulJobsHistoryLimit:6:int32;ptr failedJobsHistoryLimit:7:int32;ptr
CronJobStatus active:1:[]core.v1.ObjectReference;atomic lastScheduleTime:4:meta.v1.Time;ptr lastSuccessfulTime:5:meta.v1.Time;ptr
Job metadata:1:meta.v1.ObjectMeta spec:2:JobSpec status:3:JobStatus
JobCondition type:1:string;req status:2:string;req lastProbeTime:3:meta.v1.Time lastTransitionTime:4:meta.v1.Time reason:5:string message:6:string
JobSpec parallelism:1:int32;ptr completions:2:int32;ptr activeDeadlineSeconds:3:int64;ptr podFailurePolicy:11:PodFailurePolicy;ptr successPolicy:16:SuccessPolicy;ptr backoffLimit:7:int32;ptr backoffLimitPerIndex:12:int32;ptr maxFailedIndexes:13:int32;ptr selector:4:meta.v1.LabelSelector;ptr manualSelector:5:bool;ptr template:6:core.v1.PodTemplateSpec;req ttlSecondsAfterFinished:8:int32;ptr completionMode:9:string;ptr suspend:10:bool;ptr podReplacementPolicy:14:string;ptr managedBy:15:string;ptr
JobStatus conditions:1:[]JobCondition;atomic;patch=merge,type startTime:2:meta.v1.Time;ptr completionTime:3:meta.v1.Time;ptr active:4:int32 succeeded:5:int32 failed:6:int32 terminating:11:int32;ptr completedIndexes:7:string failedIndexes:10:string;ptr uncountedTerminatedPods:8:UncountedTerminatedPods;ptr ready:9:int32;ptr
JobTemplateSpec metadata:1:meta.v1.ObjectMeta spec:2:JobSpec
PodFailurePolicy rules:1:[]PodFailurePolicyRule;req;atomic
PodFailurePolicyOnExitCodesRequirement containerName:1:string;ptr operator:2:string;req values:3:[]int32;req;set
PodFailurePolicyOnPodConditionsPattern type:1:string;req status:2:string
PodFailurePolicyRule action:1:string;req onExitCodes:2:PodFailurePolicyOnExitCodesRequirement;ptr onPodConditions:3:[]PodFailurePolicyOnPodConditionsPattern;atomic
SuccessPolicy rules:1:[]SuccessPolicyRule;req;atomic
SuccessPolicyRule succeededIndexes:1:string;ptr succeededCount:2:int32;ptr
UncountedTerminatedPods succeeded:1:[]string;set failed:2:[]string;set
`;
