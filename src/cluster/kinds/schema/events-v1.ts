// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const eventsV1 = `
Event metadata:1:meta.v1.ObjectMeta eventTime:2:meta.v1.MicroTime;req series:3:EventSeries;ptr reportingController:4:string reportingInstance:5:string action:6:string reason:7:string regarding:8:core.v1.ObjectReference related:9:core.v1.ObjectReference;ptr note:10:string type:11:string deprecatedSource:12:core.v1.EventSource deprecatedFirstTimestamp:13:meta.v1.Time deprecatedLastTimestamp:14:meta.v1.Time deprecatedCount:15:int32
EventSeries count:1:int32;req lastObservedTime:2:meta.v1.MicroTime;req
`;
