// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const metaV1 = `
APIGroup name:1:string;req versions:2:[]GroupVersionForDiscovery;req;atomic preferredVersion:3:GroupVersionForDiscovery serverAddressByClientCIDRs:4:[]ServerAddressByClientCIDR;atomic
APIResource name:1:string;req singularName:6:string;req namespaced:2:bool;req group:8:string version:9:string kind:3:string;req verbs:4:Verbs;req shortNames:5:[]string;atomic categories:7:[]string;atomic storageVersionHash:10:string
APIVersions versions:1:[]string;req;atomic serverAddressByClientCIDRs:2:[]ServerAddressByClientCIDR;req;atomic
ApplyOptions dryRun:1:[]string;atomic force:2:bool;req fieldManager:3:string;req
Condition type:1:string;req status:2:string;req observedGeneration:3:int64 lastTransitionTime:4:Time;req reason:5:string;req message:6:string;req
CreateOptions dryRun:1:[]string;atomic fieldManager:3:string fieldValidation:4:string
DeleteOptions gracePeriodSeconds:1:int64;ptr preconditions:2:Preconditions;ptr orphanDependents:3:bool;ptr propagationPolicy:4:string;ptr dryRun:5:[]string;atomic ignoreStoreReadErrorWithClusterBreakingPotential:6:bool;ptr
Duration duration:1:int64;req
FieldSelectorRequirement key:1:string;req operator:2:string;req values:3:[]string;atomic
FieldsV1 Raw:1:bytes;req
GetOptions resourceVersion:1:string
GroupKind group:1:string;req kind:2:string;req
GroupResource group:1:string;req resource:2:string;req
GroupVersion group:1:string;req version:2:string;req
GroupVersionForDiscovery groupVersion:1:string;req version:2:string;req
GroupVersionKind group:1:string;req version:2:string;req kind:3:string;req
GroupVersionResource group:1:string;req version:2:string;req resource:3:string;req
LabelSelector! matchLabels:1:{}string matchExpressions:2:[]LabelSelectorRequirement;atomic
LabelSelectorRequirement key:1:string;req operator:2:string;req values:3:[]string;atomic
List metadata:1:ListMeta items:2:[]runtime.RawExtension;req
ListMeta selfLink:1:string resourceVersion:2:string continue:3:string remainingItemCount:4:int64;ptr shardInfo:5:ShardInfo;ptr
ListOptions labelSelector:1:string fieldSelector:2:string watch:3:bool allowWatchBookmarks:9:bool resourceVersion:4:string resourceVersionMatch:10:string timeoutSeconds:5:int64;ptr limit:7:int64 continue:8:string sendInitialEvents:11:bool;ptr shardSelector:15:string
ManagedFieldsEntry manager:1:string operation:2:string apiVersion:3:string time:4:Time;ptr fieldsType:6:string fieldsV1:7:FieldsV1;ptr subresource:8:string
MicroTime seconds:1:int64;req nanos:2:int32;req
ObjectMeta name:1:string generateName:2:string namespace:3:string selfLink:4:string uid:5:string resourceVersion:6:string generation:7:int64 creationTimestamp:8:Time deletionTimestamp:9:Time;ptr deletionGracePeriodSeconds:10:int64;ptr labels:11:{}string annotations:12:{}string ownerReferences:13:[]OwnerReference;map=uid;patch=merge,uid finalizers:14:[]string;set;patch=merge managedFields:17:[]ManagedFieldsEntry;atomic
OwnerReference! apiVersion:5:string;req kind:1:string;req name:3:string;req uid:4:string;req controller:6:bool;ptr blockOwnerDeletion:7:bool;ptr
PartialObjectMetadata metadata:1:ObjectMeta
Patch
PatchOptions dryRun:1:[]string;atomic force:2:bool;ptr fieldManager:3:string fieldValidation:4:string
Preconditions uid:1:string;ptr resourceVersion:2:string;ptr
RootPaths paths:1:[]string;req;atomic
ServerAddressByClientCIDR clientCIDR:1:string;req serverAddress:2:string;req
ShardInfo selector:1:string;req
Status metadata:1:ListMeta status:2:string message:3:string reason:4:string details:5:StatusDetails;ptr code:6:int32
StatusCause reason:1:string message:2:string field:3:string
StatusDetails name:1:string group:2:string kind:3:string uid:6:string causes:4:[]StatusCause;atomic retryAfterSeconds:5:int32
TableOptions includeObject:1:string
Time seconds:1:int64;req nanos:2:int32;req
Timestamp seconds:1:int64;req nanos:2:int32;req
TypeMeta kind:1:string apiVersion:2:string
UpdateOptions dryRun:1:[]string;atomic fieldManager:2:string fieldValidation:3:string
Verbs items:1:[]string;req
WatchEvent type:1:string;req object:2:runtime.RawExtension;req
`;
