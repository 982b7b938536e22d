// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const appsV1beta1 = `
ControllerRevision metadata:1:meta.v1.ObjectMeta data:2:runtime.RawExtension revision:3:int64;req
Deployment metadata:1:meta.v1.ObjectMeta spec:2:DeploymentSpec status:3:DeploymentStatus
DeploymentCondition type:1:string;req status:2:string;req lastUpdateTime:6:meta.v1.Time lastTransitionTime:7:meta.v1.Time reason:4:string message:5:string
DeploymentRollback name:1:string;req updatedAnnotations:2:{}string rollbackTo:3:RollbackConfig;req
DeploymentSpec replicas:1:int32;ptr selector:2:meta.v1.LabelSelector;ptr template:3:core.v1.PodTemplateSpec;req strategy:4:DeploymentStrategy;patch=retainKeys minReadySeconds:5:int32 revisionHistoryLimit:6:int32;ptr paused:7:bool rollbackTo:8:RollbackConfig;ptr progressDeadlineSeconds:9:int32;ptr
DeploymentStatus observedGeneration:1:int64 replicas:2:int32 updatedReplicas:3:int32 readyReplicas:7:int32 availableReplicas:4:int32 unavailableReplicas:5:int32 terminatingReplicas:9:int32;ptr conditions:6:[]DeploymentCondition;map=type;patch=merge,type collisionCount:8:int32;ptr
DeploymentStrategy type:1:string rollingUpdate:2:RollingUpdateDeployment;ptr
RollbackConfig revision:1:int64
RollingUpdateDeployment maxUnavailable:1:intstr.IntOrString;ptr maxSurge:2:intstr.IntOrString;ptr
RollingUpdateStatefulSetStrategy partition:1:int32;ptr maxUnavailable:2:intstr.IntOrString;ptr
Scale metadata:1:meta.v1.ObjectMeta spec:2:ScaleSpec status:3:ScaleStatus
ScaleSpec replicas:1:int32;default=0
ScaleStatus replicas:1:int32;req selector:2:{}string targetSelector:3:string
StatefulSet metadata:1:meta.v1.ObjectMeta spec:2:StatefulSetSpec status:3:StatefulSetStatus
StatefulSetCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
StatefulSetOrdinals start:1:int32
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:1:string whenScaled:2:string
StatefulSetSpec replicas:1:int32;ptr selector:2:meta.v1.LabelSelector;ptr template:3:core.v1.PodTemplateSpec;req volumeClaimTemplates:4:[]core.v1.PersistentVolumeClaim;atomic serviceName:5:string podManagementPolicy:6:string updateStrategy:7:StatefulSetUpdateStrategy revisionHistoryLimit:8:int32;ptr minReadySeconds:9:int32 persistentVolumeClaimRetentionPolicy:10:StatefulSetPersistentVolumeClaimRetentionPolicy;ptr ordinals:11:StatefulSetOrdinals;ptr
StatefulSetStatus observedGeneration:1:int64;ptr replicas:2:int32;req readyReplicas:3:int32 currentReplicas:4:int32 updatedReplicas:5:int32 currentRevision:6:string updateRevision:7:string collisionCount:9:int32;ptr conditions:10:[]StatefulSetCondition;map=type;patch=merge,type availableReplicas:11:int32
StatefulSetUpdateStrategy type:1:string rollingUpdate:2:RollingUpdateStatefulSetStrategy;ptr
`;
