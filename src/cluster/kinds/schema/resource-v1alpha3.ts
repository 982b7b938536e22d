// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const resourceV1alpha3 = `
CELDeviceSelector expression:1:string;req
DeviceSelector cel:1:CELDeviceSelector;ptr
DeviceTaint key:1:string;req value:2:string effect:3:string;req timeAdded:4:meta.v1.Time;ptr
DeviceTaintRule metadata:1:meta.v1.ObjectMeta spec:2:DeviceTaintRuleSpec;req status:3:DeviceTaintRuleStatus
DeviceTaintRuleSpec deviceSelector:1:DeviceTaintSelector;ptr taint:2:DeviceTaint;req
DeviceTaintRuleStatus conditions:1:[]meta.v1.Condition;map=type;patch=merge,type
DeviceTaintSelector driver:2:string;ptr pool:3:string;ptr device:4:string;ptr
PoolStatus driver:1:string;req poolName:2:string;req generation:9:int64;req resourceSliceCount:8:int32;ptr totalDevices:4:int32;ptr allocatedDevices:5:int32;ptr availableDevices:6:int32;ptr unavailableDevices:7:int32;ptr nodeName:3:string;ptr validationError:10:string;ptr
ResourcePoolStatusRequest metadata:1:meta.v1.ObjectMeta;req spec:2:ResourcePoolStatusRequestSpec;req status:3:ResourcePoolStatusRequestStatus;ptr
ResourcePoolStatusRequestSpec driver:1:string;req poolName:2:string;ptr limit:3:int32;ptr;default=100
ResourcePoolStatusRequestStatus poolCount:6:int32;ptr;req pools:2:[]PoolStatus;atomic conditions:3:[]meta.v1.Condition;map=type;patch=merge,type
`;
