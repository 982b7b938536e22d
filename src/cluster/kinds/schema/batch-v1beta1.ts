// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const batchV1beta1 = `
CronJob metadata:1:meta.v1.ObjectMeta spec:2:CronJobSpec;req status:3:CronJobStatus
CronJobSpec schedule:1:string;req timeZone:8:string;ptr startingDeadlineSeconds:2:int64;ptr concurrencyPolicy:3:string suspend:4:bool;ptr jobTemplate:5:JobTemplateSpec;req successfulJobsHistoryLimit:6:int32;ptr failedJobsHistoryLimit:7:int32;ptr
CronJobStatus active:1:[]core.v1.ObjectReference;atomic lastScheduleTime:4:meta.v1.Time;ptr lastSuccessfulTime:5:meta.v1.Time;ptr
JobTemplateSpec metadata:1:meta.v1.ObjectMeta spec:2:batch.v1.JobSpec
`;
