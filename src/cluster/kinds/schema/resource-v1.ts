// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const resourceV1 = `
AllocatedDeviceStatus driver:1:string;req pool:2:string;req device:3:string;req shareID:7:string;ptr conditions:4:[]meta.v1.Condition;map=type data:5:runtime.RawExtension;ptr networkData:6:NetworkDeviceData;ptr
AllocationResult devices:1:DeviceAllocationResult nodeSelector:3:core.v1.NodeSelector;ptr allocationTimestamp:5:meta.v1.Time;ptr
CELDeviceSelector expression:1:string;req
CapacityRequestPolicy default:1:resource.Quantity;ptr validValues:3:[]resource.Quantity;atomic validRange:4:CapacityRequestPolicyRange;ptr
CapacityRequestPolicyRange min:1:resource.Quantity;ptr;req max:2:resource.Quantity;ptr step:3:resource.Quantity;ptr
CapacityRequirements requests:1:{}resource.Quantity
Counter value:1:resource.Quantity;req
CounterSet name:1:string;req counters:2:{}Counter;req
Device name:1:string;req attributes:2:{}DeviceAttribute capacity:3:{}DeviceCapacity consumesCounters:4:[]DeviceCounterConsumption;atomic nodeName:5:string;ptr nodeSelector:6:core.v1.NodeSelector;ptr allNodes:7:bool;ptr taints:8:[]DeviceTaint;atomic bindsToNode:9:bool;ptr bindingConditions:10:[]string;atomic bindingFailureConditions:11:[]string;atomic allowMultipleAllocations:12:bool;ptr nodeAllocatableResourceMappings:13:{}NodeAllocatableResourceMapping
DeviceAllocationConfiguration source:1:string;req requests:2:[]string;atomic deviceConfiguration:3:DeviceConfiguration;inline;req
DeviceAllocationResult results:1:[]DeviceRequestAllocationResult;atomic config:2:[]DeviceAllocationConfiguration;atomic
DeviceAttribute int:2:int64;ptr bool:3:bool;ptr string:4:string;ptr version:5:string;ptr ints:6:[]int64;atomic bools:7:[]bool;atomic strings:8:[]string;atomic versions:9:[]string;atomic
DeviceCapacity value:1:resource.Quantity;req requestPolicy:2:CapacityRequestPolicy;ptr
DeviceClaim requests:1:[]DeviceRequest;atomic constraints:2:[]DeviceConstraint;atomic config:3:[]DeviceClaimConfiguration;atomic
DeviceClaimConfiguration requests:1:[]string;atomic deviceConfiguration:2:DeviceConfiguration;inline;req
DeviceClass metadata:1:meta.v1.ObjectMeta spec:2:DeviceClassSpec;req
DeviceClassConfiguration deviceConfiguration:1:DeviceConfiguration;inline;req
DeviceClassSpec selectors:1:[]DeviceSelector;atomic config:2:[]DeviceClassConfiguration;atomic extendedResourceName:4:string;ptr
DeviceConfiguration opaque:1:OpaqueDeviceConfiguration;ptr
DeviceConstraint requests:1:[]string;atomic matchAttribute:2:string;ptr distinctAttribute:3:string;ptr
DeviceCounterConsumption counterSet:1:string;req counters:2:{}Counter;req
DeviceRequest name:1:string;req exactly:2:ExactDeviceRequest;ptr firstAvailable:3:[]DeviceSubRequest;atomic
DeviceRequestAllocationResult request:1:string;req driver:2:string;req pool:3:string;req device:4:string;req adminAccess:5:bool;ptr tolerations:6:[]DeviceToleration;atomic bindingConditions:7:[]string;atomic bindingFailureConditions:8:[]string;atomic shareID:9:string;ptr consumedCapacity:10:{}resource.Quantity
DeviceSelector cel:1:CELDeviceSelector;ptr
DeviceSubRequest name:1:string;req deviceClassName:2:string;req selectors:3:[]DeviceSelector;atomic allocationMode:4:string count:5:int64 tolerations:6:[]DeviceToleration;atomic capacity:7:CapacityRequirements;ptr
DeviceTaint key:1:string;req value:2:string effect:3:string;req timeAdded:4:meta.v1.Time;ptr
DeviceToleration key:1:string operator:2:string;default="Equal" value:3:string effect:4:string tolerationSeconds:5:int64;ptr
ExactDeviceRequest deviceClassName:1:string;req selectors:2:[]DeviceSelector;atomic allocationMode:3:string count:4:int64 adminAccess:5:bool;ptr tolerations:6:[]DeviceToleration;atomic capacity:7:CapacityRequirements;ptr
NetworkDeviceData interfaceName:1:string ips:2:[]string;atomic hardwareAddress:3:string
NodeAllocatableResourceMapping capacityKey:1:string;ptr allocationMultiplier:2:resource.Quantity;ptr
OpaqueDeviceConfiguration driver:1:string;req parameters:2:runtime.RawExtension;req
ResourceClaim metadata:1:meta.v1.ObjectMeta spec:2:ResourceClaimSpec;req status:3:ResourceClaimStatus
ResourceClaimConsumerReference apiGroup:1:string resource:3:string;req name:4:string;req uid:5:string;req
ResourceClaimSpec devices:1:DeviceClaim
ResourceClaimStatus allocation:1:AllocationResult;ptr reservedFor:2:[]ResourceClaimConsumerReference;map=uid;patch=merge,uid devices:4:[]AllocatedDeviceStatus;map=driver,device,pool,shareID
ResourceClaimTemplate metadata:1:meta.v1.ObjectMeta spec:2:ResourceClaimTemplateSpec;req
ResourceClaimTemplateSpec metadata:1:meta.v1.ObjectMeta spec:2:ResourceClaimSpec;req
ResourcePool name:1:string;req generation:2:int64;req resourceSliceCount:3:int64;req
ResourceSlice metadata:1:meta.v1.ObjectMeta spec:2:ResourceSliceSpec;req
ResourceSliceSpec driver:1:string;req pool:2:ResourcePool;req nodeName:3:string;ptr nodeSelector:4:core.v1.NodeSelector;ptr allNodes:5:bool;ptr devices:6:[]Device;atomic perDeviceNodeSelection:7:bool;ptr sharedCounters:8:[]CounterSet;atomic
`;
