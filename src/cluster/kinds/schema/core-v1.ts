// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const coreV1 = `
AWSElasticBlockStoreVolumeSource volumeID:1:string;req fsType:2:string partition:3:int32 readOnly:4:bool
Affinity nodeAffinity:1:NodeAffinity;ptr podAffinity:2:PodAffinity;ptr podAntiAffinity:3:PodAntiAffinity;ptr
AppArmorProfile type:1:string;req localhostProfile:2:string;ptr
AttachedVolume name:1:string;req devicePath:2:string;req
AvoidPods preferAvoidPods:1:[]PreferAvoidPodsEntry;atomic
AzureDiskVolumeSource diskName:1:string;req diskURI:2:string;req cachingMode:3:string;ptr fsType:4:string;ptr;default="ext4" readOnly:5:bool;ptr;default=false kind:6:string;ptr
AzureFilePersistentVolumeSource secretName:1:string;req shareName:2:string;req readOnly:3:bool secretNamespace:4:string;ptr
AzureFileVolumeSource secretName:1:string;req shareName:2:string;req readOnly:3:bool
Binding metadata:1:meta.v1.ObjectMeta target:2:ObjectReference;req
CSIPersistentVolumeSource driver:1:string;req volumeHandle:2:string;req readOnly:3:bool fsType:4:string volumeAttributes:5:{}string controllerPublishSecretRef:6:SecretReference;ptr nodeStageSecretRef:7:SecretReference;ptr nodePublishSecretRef:8:SecretReference;ptr controllerExpandSecretRef:9:SecretReference;ptr nodeExpandSecretRef:10:SecretReference;ptr
CSIVolumeSource driver:1:string;req readOnly:2:bool;ptr fsType:3:string;ptr volumeAttributes:4:{}string nodePublishSecretRef:5:LocalObjectReference;ptr
Capabilities add:1:[]string;atomic drop:2:[]string;atomic
CephFSPersistentVolumeSource monitors:1:[]string;req;atomic path:2:string user:3:string secretFile:4:string secretRef:5:SecretReference;ptr readOnly:6:bool
CephFSVolumeSource monitors:1:[]string;req;atomic path:2:string user:3:string secretFile:4:string secretRef:5:LocalObjectReference;ptr readOnly:6:bool
CinderPersistentVolumeSource volumeID:1:string;req fsType:2:string readOnly:3:bool secretRef:4:SecretReference;ptr
CinderVolumeSource volumeID:1:string;req fsType:2:string readOnly:3:bool secretRef:4:LocalObjectReference;ptr
ClientIPConfig timeoutSeconds:1:int32;ptr
ClusterTrustBundleProjection name:1:string;ptr signerName:2:string;ptr labelSelector:3:meta.v1.LabelSelector;ptr optional:5:bool;ptr path:4:string;req
ComponentCondition type:1:string;req status:2:string;req message:3:string error:4:string
ComponentStatus metadata:1:meta.v1.ObjectMeta conditions:2:[]ComponentCondition;map=type;patch=merge,type
ConfigMap metadata:1:meta.v1.ObjectMeta immutable:4:bool;ptr data:2:{}string binaryData:3:{}bytes
ConfigMapEnvSource localObjectReference:1:LocalObjectReference;inline;req optional:2:bool;ptr
ConfigMapKeySelector! localObjectReference:1:LocalObjectReference;inline;req key:2:string;req optional:3:bool;ptr
ConfigMapNodeConfigSource namespace:1:string;req name:2:string;req uid:3:string resourceVersion:4:string kubeletConfigKey:5:string;req
ConfigMapProjection localObjectReference:1:LocalObjectReference;inline;req items:2:[]KeyToPath;atomic optional:4:bool;ptr
ConfigMapVolumeSource localObjectReference:1:LocalObjectReference;inline;req items:2:[]KeyToPath;atomic defaultMode:3:int32;ptr optional:4:bool;ptr
Container name:1:string;req image:2:string command:3:[]string;atomic args:4:[]string;atomic workingDir:5:string ports:6:[]ContainerPort;map=containerPort,protocol;patch=merge,containerPort envFrom:19:[]EnvFromSource;atomic env:7:[]EnvVar;map=name;patch=merge,name resources:8:ResourceRequirements resizePolicy:23:[]ContainerResizePolicy;atomic restartPolicy:24:string;ptr restartPolicyRules:25:[]ContainerRestartRule;atomic volumeMounts:9:[]VolumeMount;map=mountPath;patch=merge,mountPath volumeDevices:21:[]VolumeDevice;map=devicePath;patch=merge,devicePath livenessProbe:10:Probe;ptr readinessProbe:11:Probe;ptr startupProbe:22:Probe;ptr lifecycle:12:Lifecycle;ptr terminationMessagePath:13:string terminationMessagePolicy:20:string imagePullPolicy:14:string securityContext:15:SecurityContext;ptr stdin:16:bool stdinOnce:17:bool tty:18:bool
ContainerExtendedResourceRequest containerName:1:string;req resourceName:2:string;req requestName:3:string;req
ContainerImage names:1:[]string;atomic sizeBytes:2:int64
ContainerPort name:1:string hostPort:2:int32 containerPort:3:int32;req protocol:4:string;default="TCP" hostIP:5:string
ContainerResizePolicy resourceName:1:string;req restartPolicy:2:string;req
ContainerRestartRule action:1:string;req exitCodes:2:ContainerRestartRuleOnExitCodes;ptr
ContainerRestartRuleOnExitCodes operator:1:string;req values:2:[]int32;set
ContainerState waiting:1:ContainerStateWaiting;ptr running:2:ContainerStateRunning;ptr terminated:3:ContainerStateTerminated;ptr
ContainerStateRunning startedAt:1:meta.v1.Time
ContainerStateTerminated exitCode:1:int32;req signal:2:int32 reason:3:string message:4:string startedAt:5:meta.v1.Time finishedAt:6:meta.v1.Time containerID:7:string
ContainerStateWaiting reason:1:string message:2:string
ContainerStatus name:1:string;req state:2:ContainerState lastState:3:ContainerState ready:4:bool;req restartCount:5:int32;req image:6:string;req imageID:7:string;req containerID:8:string started:9:bool;ptr allocatedResources:10:{}resource.Quantity resources:11:ResourceRequirements;ptr volumeMounts:12:[]VolumeMountStatus;map=mountPath;patch=merge,mountPath user:13:ContainerUser;ptr allocatedResourcesStatus:14:[]ResourceStatus;map=name;patch=merge,name stopSignal:15:string;ptr
ContainerUser linux:1:LinuxContainerUser;ptr
DaemonEndpoint Port:1:int32;req
DownwardAPIProjection items:1:[]DownwardAPIVolumeFile;atomic
DownwardAPIVolumeFile path:1:string;req fieldRef:2:ObjectFieldSelector;ptr resourceFieldRef:3:ResourceFieldSelector;ptr mode:4:int32;ptr
DownwardAPIVolumeSource items:1:[]DownwardAPIVolumeFile;atomic defaultMode:2:int32;ptr
EmptyDirVolumeSource medium:1:string sizeLimit:2:resource.Quantity;ptr
EndpointAddress! ip:1:string;req hostname:3:string nodeName:4:string;ptr targetRef:2:ObjectReference;ptr
EndpointPort! name:1:string port:2:int32;req protocol:3:string appProtocol:4:string;ptr
EndpointSubset addresses:1:[]EndpointAddress;atomic notReadyAddresses:2:[]EndpointAddress;atomic ports:3:[]EndpointPort;atomic
Endpoints metadata:1:meta.v1.ObjectMeta subsets:2:[]EndpointSubset;atomic
EnvFromSource prefix:1:string configMapRef:2:ConfigMapEnvSource;ptr secretRef:3:SecretEnvSource;ptr
EnvVar name:1:string;req value:2:string valueFrom:3:EnvVarSource;ptr
EnvVarSource fieldRef:1:ObjectFieldSelector;ptr resourceFieldRef:2:ResourceFieldSelector;ptr configMapKeyRef:3:ConfigMapKeySelector;ptr secretKeyRef:4:SecretKeySelector;ptr fileKeyRef:5:FileKeySelector;ptr
EphemeralContainer ephemeralContainerCommon:1:EphemeralContainerCommon;inline;req targetContainerName:2:string
EphemeralContainerCommon name:1:string;req image:2:string command:3:[]string;atomic args:4:[]string;atomic workingDir:5:string ports:6:[]ContainerPort;map=containerPort,protocol;patch=merge,containerPort envFrom:19:[]EnvFromSource;atomic env:7:[]EnvVar;map=name;patch=merge,name resources:8:ResourceRequirements resizePolicy:23:[]ContainerResizePolicy;atomic restartPolicy:24:string;ptr restartPolicyRules:25:[]ContainerRestartRule;atomic volumeMounts:9:[]VolumeMount;map=mountPath;patch=merge,mountPath volumeDevices:21:[]VolumeDevice;map=devicePath;patch=merge,devicePath livenessProbe:10:Probe;ptr readinessProbe:11:Probe;ptr startupProbe:22:Probe;ptr lifecycle:12:Lifecycle;ptr terminationMessagePath:13:string terminationMessagePolicy:20:string imagePullPolicy:14:string securityContext:15:SecurityContext;ptr stdin:16:bool stdinOnce:17:bool tty:18:bool
EphemeralVolumeSource volumeClaimTemplate:1:PersistentVolumeClaimTemplate;ptr
Event metadata:1:meta.v1.ObjectMeta;req involvedObject:2:ObjectReference;req reason:3:string message:4:string source:5:EventSource firstTimestamp:6:meta.v1.Time lastTimestamp:7:meta.v1.Time count:8:int32 type:9:string eventTime:10:meta.v1.MicroTime series:11:EventSeries;ptr action:12:string related:13:ObjectReference;ptr reportingComponent:14:string reportingInstance:15:string
EventSeries count:1:int32 lastObservedTime:2:meta.v1.MicroTime
EventSource component:1:string host:2:string
ExecAction command:1:[]string;atomic
FCVolumeSource targetWWNs:1:[]string;atomic lun:2:int32;ptr fsType:3:string readOnly:4:bool wwids:5:[]string;atomic
FileKeySelector! volumeName:1:string;req path:2:string;req key:3:string;req optional:4:bool;ptr;default=false
FlexPersistentVolumeSource driver:1:string;req fsType:2:string secretRef:3:SecretReference;ptr readOnly:4:bool options:5:{}string
FlexVolumeSource driver:1:string;req fsType:2:string secretRef:3:LocalObjectReference;ptr readOnly:4:bool options:5:{}string
FlockerVolumeSource datasetName:1:string datasetUUID:2:string
GCEPersistentDiskVolumeSource pdName:1:string;req fsType:2:string partition:3:int32 readOnly:4:bool
GRPCAction port:1:int32;req service:2:string;ptr;default=""
GitRepoVolumeSource repository:1:string;req revision:2:string directory:3:string
GlusterfsPersistentVolumeSource endpoints:1:string;req path:2:string;req readOnly:3:bool endpointsNamespace:4:string;ptr
GlusterfsVolumeSource endpoints:1:string;req path:2:string;req readOnly:3:bool
HTTPGetAction path:1:string port:2:intstr.IntOrString;req host:3:string scheme:4:string httpHeaders:5:[]HTTPHeader;atomic
HTTPHeader name:1:string;req value:2:string;req
HostAlias ip:1:string;req hostnames:2:[]string;atomic
HostIP ip:1:string;req
HostPathVolumeSource path:1:string;req type:2:string;ptr
ISCSIPersistentVolumeSource targetPortal:1:string;req iqn:2:string;req lun:3:int32;req iscsiInterface:4:string;default="default" fsType:5:string readOnly:6:bool portals:7:[]string;atomic chapAuthDiscovery:8:bool chapAuthSession:11:bool secretRef:10:SecretReference;ptr initiatorName:12:string;ptr
ISCSIVolumeSource targetPortal:1:string;req iqn:2:string;req lun:3:int32;req iscsiInterface:4:string;default="default" fsType:5:string readOnly:6:bool portals:7:[]string;atomic chapAuthDiscovery:8:bool chapAuthSession:11:bool secretRef:10:LocalObjectReference;ptr initiatorName:12:string;ptr
ImageVolumeSource reference:1:string pullPolicy:2:string
ImageVolumeStatus imageRef:1:string;req
KeyToPath key:1:string;req path:2:string;req mode:3:int32;ptr
Lifecycle postStart:1:LifecycleHandler;ptr preStop:2:LifecycleHandler;ptr stopSignal:3:string;ptr
LifecycleHandler exec:1:ExecAction;ptr httpGet:2:HTTPGetAction;ptr tcpSocket:3:TCPSocketAction;ptr sleep:4:SleepAction;ptr
LimitRange metadata:1:meta.v1.ObjectMeta spec:2:LimitRangeSpec
LimitRangeItem type:1:string;req max:2:{}resource.Quantity min:3:{}resource.Quantity default:4:{}resource.Quantity defaultRequest:5:{}resource.Quantity maxLimitRequestRatio:6:{}resource.Quantity
LimitRangeSpec limits:1:[]LimitRangeItem;req;atomic
LinuxContainerUser uid:1:int64;req gid:2:int64;req supplementalGroups:3:[]int64;atomic
List metadata:1:meta.v1.ListMeta items:2:[]runtime.RawExtension;req
LoadBalancerIngress ip:1:string hostname:2:string ipMode:3:string;ptr ports:4:[]PortStatus;atomic
LoadBalancerStatus ingress:1:[]LoadBalancerIngress;atomic
LocalObjectReference! name:1:string;default=""
LocalVolumeSource path:1:string;req fsType:2:string;ptr
ModifyVolumeStatus targetVolumeAttributesClassName:1:string status:2:string;req
NFSVolumeSource server:1:string;req path:2:string;req readOnly:3:bool
Namespace metadata:1:meta.v1.ObjectMeta spec:2:NamespaceSpec status:3:NamespaceStatus
NamespaceCondition type:1:string;req status:2:string;req lastTransitionTime:4:meta.v1.Time reason:5:string message:6:string
NamespaceSpec finalizers:1:[]string;atomic
NamespaceStatus phase:1:string conditions:2:[]NamespaceCondition;map=type;patch=merge,type
Node metadata:1:meta.v1.ObjectMeta spec:2:NodeSpec status:3:NodeStatus
NodeAddress type:1:string;req address:2:string;req
NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:1:NodeSelector;ptr preferredDuringSchedulingIgnoredDuringExecution:2:[]PreferredSchedulingTerm;atomic
NodeAllocatableResourceClaimStatus resourceClaimName:1:string;req containers:2:[]string;set resources:3:{}resource.Quantity;req
NodeCondition type:1:string;req status:2:string;req lastHeartbeatTime:3:meta.v1.Time lastTransitionTime:4:meta.v1.Time reason:5:string message:6:string
NodeConfigSource configMap:2:ConfigMapNodeConfigSource;ptr
NodeConfigStatus assigned:1:NodeConfigSource;ptr active:2:NodeConfigSource;ptr lastKnownGood:3:NodeConfigSource;ptr error:4:string
NodeDaemonEndpoints kubeletEndpoint:1:DaemonEndpoint
NodeFeatures supplementalGroupsPolicy:1:bool;ptr
NodeProxyOptions path:1:string
NodeRuntimeHandler name:1:string features:2:NodeRuntimeHandlerFeatures;ptr
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:1:bool;ptr userNamespaces:2:bool;ptr
NodeSelector! nodeSelectorTerms:1:[]NodeSelectorTerm;req;atomic
NodeSelectorRequirement key:1:string;req operator:2:string;req values:3:[]string;atomic
NodeSelectorTerm! matchExpressions:1:[]NodeSelectorRequirement;atomic matchFields:2:[]NodeSelectorRequirement;atomic
NodeSpec podCIDR:1:string podCIDRs:7:[]string;set;patch=merge providerID:3:string unschedulable:4:bool taints:5:[]Taint;atomic configSource:6:NodeConfigSource;ptr externalID:2:string
NodeStatus capacity:1:{}resource.Quantity allocatable:2:{}resource.Quantity phase:3:string conditions:4:[]NodeCondition;map=type;patch=merge,type addresses:5:[]NodeAddress;map=type;patch=merge,type daemonEndpoints:6:NodeDaemonEndpoints nodeInfo:7:NodeSystemInfo images:8:[]ContainerImage;atomic volumesInUse:9:[]string;atomic volumesAttached:10:[]AttachedVolume;atomic config:11:NodeConfigStatus;ptr runtimeHandlers:12:[]NodeRuntimeHandler;atomic features:13:NodeFeatures;ptr declaredFeatures:14:[]string;atomic
NodeSwapStatus capacity:1:int64;ptr
NodeSystemInfo machineID:1:string;req systemUUID:2:string;req bootID:3:string;req kernelVersion:4:string;req osImage:5:string;req containerRuntimeVersion:6:string;req kubeletVersion:7:string;req kubeProxyVersion:8:string;req operatingSystem:9:string;req architecture:10:string;req swap:11:NodeSwapStatus;ptr
ObjectFieldSelector! apiVersion:1:string fieldPath:2:string;req
ObjectReference! kind:1:string namespace:2:string name:3:string uid:4:string apiVersion:5:string resourceVersion:6:string fieldPath:7:string
PersistentVolume metadata:1:meta.v1.ObjectMeta spec:2:PersistentVolumeSpec status:3:PersistentVolumeStatus
PersistentVolumeClaim metadata:1:meta.v1.ObjectMeta spec:2:PersistentVolumeClaimSpec status:3:PersistentVolumeClaimStatus
PersistentVolumeClaimCondition type:1:string;req status:2:string;req lastProbeTime:3:meta.v1.Time lastTransitionTime:4:meta.v1.Time reason:5:string message:6:string
PersistentVolumeClaimSpec accessModes:1:[]string;atomic selector:4:meta.v1.LabelSelector;ptr resources:2:VolumeResourceRequirements volumeName:3:string storageClassName:5:string;ptr volumeMode:6:string;ptr dataSource:7:TypedLocalObjectReference;ptr dataSourceRef:8:TypedObjectReference;ptr volumeAttributesClassName:9:string;ptr
PersistentVolumeClaimStatus phase:1:string accessModes:2:[]string;atomic capacity:3:{}resource.Quantity conditions:4:[]PersistentVolumeClaimCondition;map=type;patch=merge,type allocatedResources:5:{}resource.Quantity allocatedResourceStatuses:7:{}string currentVolumeAttributesClassName:8:string;ptr modifyVolumeStatus:9:ModifyVolumeStatus;ptr
PersistentVolumeClaimTemplate metadata:1:meta.v1.ObjectMeta spec:2:PersistentVolumeClaimSpec;req
PersistentVolumeClaimVolumeSource claimName:1:string;req readOnly:2:bool
PersistentVolumeSource gcePersistentDisk:1:GCEPersistentDiskVolumeSource;ptr awsElasticBlockStore:2:AWSElasticBlockStoreVolumeSource;ptr hostPath:3:HostPathVolumeSource;ptr glusterfs:4:GlusterfsPersistentVolumeSource;ptr nfs:5:NFSVolumeSource;ptr rbd:6:RBDPersistentVolumeSource;ptr iscsi:7:ISCSIPersistentVolumeSource;ptr cinder:8:CinderPersistentVolumeSource;ptr cephfs:9:CephFSPersistentVolumeSource;ptr fc:10:FCVolumeSource;ptr flocker:11:FlockerVolumeSource;ptr flexVolume:12:FlexPersistentVolumeSource;ptr azureFile:13:AzureFilePersistentVolumeSource;ptr vsphereVolume:14:VsphereVirtualDiskVolumeSource;ptr quobyte:15:QuobyteVolumeSource;ptr azureDisk:16:AzureDiskVolumeSource;ptr photonPersistentDisk:17:PhotonPersistentDiskVolumeSource;ptr portworxVolume:18:PortworxVolumeSource;ptr scaleIO:19:ScaleIOPersistentVolumeSource;ptr local:20:LocalVolumeSource;ptr storageos:21:StorageOSPersistentVolumeSource;ptr csi:22:CSIPersistentVolumeSource;ptr
PersistentVolumeSpec capacity:1:{}resource.Quantity persistentVolumeSource:2:PersistentVolumeSource;inline;req accessModes:3:[]string;atomic claimRef:4:ObjectReference;ptr persistentVolumeReclaimPolicy:5:string storageClassName:6:string mountOptions:7:[]string;atomic volumeMode:8:string;ptr nodeAffinity:9:VolumeNodeAffinity;ptr volumeAttributesClassName:10:string;ptr
PersistentVolumeStatus phase:1:string message:2:string reason:3:string lastPhaseTransitionTime:4:meta.v1.Time;ptr
PhotonPersistentDiskVolumeSource pdID:1:string;req fsType:2:string
Pod metadata:1:meta.v1.ObjectMeta spec:2:PodSpec status:3:PodStatus
PodAffinity requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm;atomic preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm;atomic
PodAffinityTerm labelSelector:1:meta.v1.LabelSelector;ptr namespaces:2:[]string;atomic topologyKey:3:string;req namespaceSelector:4:meta.v1.LabelSelector;ptr matchLabelKeys:5:[]string;atomic mismatchLabelKeys:6:[]string;atomic
PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:1:[]PodAffinityTerm;atomic preferredDuringSchedulingIgnoredDuringExecution:2:[]WeightedPodAffinityTerm;atomic
PodAttachOptions stdin:1:bool stdout:2:bool stderr:3:bool tty:4:bool container:5:string
PodCertificateProjection signerName:1:string;req keyType:2:string;req maxExpirationSeconds:3:int32;ptr credentialBundlePath:4:string keyPath:5:string certificateChainPath:6:string userAnnotations:7:{}string
PodCondition type:1:string;req observedGeneration:7:int64 status:2:string;req lastProbeTime:3:meta.v1.Time lastTransitionTime:4:meta.v1.Time reason:5:string message:6:string
PodDNSConfig nameservers:1:[]string;atomic searches:2:[]string;atomic options:3:[]PodDNSConfigOption;atomic
PodDNSConfigOption name:1:string value:2:string;ptr
PodExecOptions stdin:1:bool stdout:2:bool stderr:3:bool tty:4:bool container:5:string command:6:[]string;req;atomic
PodExtendedResourceClaimStatus requestMappings:1:[]ContainerExtendedResourceRequest;req;atomic resourceClaimName:2:string;req
PodIP ip:1:string;req
PodLogOptions container:1:string follow:2:bool previous:3:bool sinceSeconds:4:int64;ptr sinceTime:5:meta.v1.Time;ptr timestamps:6:bool tailLines:7:int64;ptr limitBytes:8:int64;ptr insecureSkipTLSVerifyBackend:9:bool stream:10:string;ptr
PodOS name:1:string;req
PodPortForwardOptions ports:1:[]int32;atomic
PodProxyOptions path:1:string
PodReadinessGate conditionType:1:string;req
PodResourceClaim name:1:string;req resourceClaimName:3:string;ptr resourceClaimTemplateName:4:string;ptr
PodResourceClaimStatus name:1:string;req resourceClaimName:2:string;ptr
PodSchedulingGate name:1:string;req
PodSchedulingGroup podGroupName:1:string;ptr
PodSecurityContext seLinuxOptions:1:SELinuxOptions;ptr windowsOptions:8:WindowsSecurityContextOptions;ptr runAsUser:2:int64;ptr runAsGroup:6:int64;ptr runAsNonRoot:3:bool;ptr supplementalGroups:4:[]int64;atomic supplementalGroupsPolicy:12:string;ptr fsGroup:5:int64;ptr sysctls:7:[]Sysctl;atomic fsGroupChangePolicy:9:string;ptr seccompProfile:10:SeccompProfile;ptr appArmorProfile:11:AppArmorProfile;ptr seLinuxChangePolicy:13:string;ptr
PodSignature podController:1:meta.v1.OwnerReference;ptr
PodSpec volumes:1:[]Volume;map=name;patch=merge+retainKeys,name initContainers:20:[]Container;map=name;patch=merge,name containers:2:[]Container;req;map=name;patch=merge,name ephemeralContainers:34:[]EphemeralContainer;map=name;patch=merge,name restartPolicy:3:string terminationGracePeriodSeconds:4:int64;ptr activeDeadlineSeconds:5:int64;ptr dnsPolicy:6:string nodeSelector:7:{}string;atomic serviceAccountName:8:string serviceAccount:9:string automountServiceAccountToken:21:bool;ptr nodeName:10:string hostNetwork:11:bool hostPID:12:bool hostIPC:13:bool shareProcessNamespace:27:bool;ptr securityContext:14:PodSecurityContext;ptr imagePullSecrets:15:[]LocalObjectReference;map=name;patch=merge,name hostname:16:string subdomain:17:string affinity:18:Affinity;ptr schedulerName:19:string tolerations:22:[]Toleration;atomic hostAliases:23:[]HostAlias;map=ip;patch=merge,ip priorityClassName:24:string priority:25:int32;ptr dnsConfig:26:PodDNSConfig;ptr readinessGates:28:[]PodReadinessGate;atomic runtimeClassName:29:string;ptr enableServiceLinks:30:bool;ptr preemptionPolicy:31:string;ptr overhead:32:{}resource.Quantity topologySpreadConstraints:33:[]TopologySpreadConstraint;map=topologyKey,whenUnsatisfiable;patch=merge,topologyKey setHostnameAsFQDN:35:bool;ptr os:36:PodOS;ptr hostUsers:37:bool;ptr schedulingGates:38:[]PodSchedulingGate;map=name;patch=merge,name resourceClaims:39:[]PodResourceClaim;map=name;patch=merge+retainKeys,name resources:40:ResourceRequirements;ptr hostnameOverride:41:string;ptr schedulingGroup:43:PodSchedulingGroup;ptr
PodStatus observedGeneration:17:int64 phase:1:string conditions:2:[]PodCondition;map=type;patch=merge,type message:3:string reason:4:string nominatedNodeName:11:string hostIP:5:string hostIPs:16:[]HostIP;atomic;patch=merge,ip podIP:6:string podIPs:12:[]PodIP;map=ip;patch=merge,ip startTime:7:meta.v1.Time;ptr initContainerStatuses:10:[]ContainerStatus;atomic containerStatuses:8:[]ContainerStatus;atomic qosClass:9:string ephemeralContainerStatuses:13:[]ContainerStatus;atomic resize:14:string resourceClaimStatuses:15:[]PodResourceClaimStatus;map=name;patch=merge+retainKeys,name extendedResourceClaimStatus:18:PodExtendedResourceClaimStatus;ptr allocatedResources:19:{}resource.Quantity resources:20:ResourceRequirements;ptr nodeAllocatableResourceClaimStatuses:21:[]NodeAllocatableResourceClaimStatus;atomic
PodStatusResult metadata:1:meta.v1.ObjectMeta status:2:PodStatus
PodTemplate metadata:1:meta.v1.ObjectMeta template:2:PodTemplateSpec
PodTemplateSpec metadata:1:meta.v1.ObjectMeta spec:2:PodSpec
PortStatus port:1:int32;req protocol:2:string;req error:3:string;ptr
PortworxVolumeSource volumeID:1:string;req fsType:2:string readOnly:3:bool
Preconditions uid:1:string;ptr
PreferAvoidPodsEntry podSignature:1:PodSignature;req evictionTime:2:meta.v1.Time reason:3:string message:4:string
PreferredSchedulingTerm weight:1:int32;req preference:2:NodeSelectorTerm;req
Probe handler:1:ProbeHandler;inline;req initialDelaySeconds:2:int32 timeoutSeconds:3:int32 periodSeconds:4:int32 successThreshold:5:int32 failureThreshold:6:int32 terminationGracePeriodSeconds:7:int64;ptr
ProbeHandler exec:1:ExecAction;ptr httpGet:2:HTTPGetAction;ptr tcpSocket:3:TCPSocketAction;ptr grpc:4:GRPCAction;ptr
ProjectedVolumeSource sources:1:[]VolumeProjection;atomic defaultMode:2:int32;ptr
QuobyteVolumeSource registry:1:string;req volume:2:string;req readOnly:3:bool user:4:string group:5:string tenant:6:string
RBDPersistentVolumeSource monitors:1:[]string;req;atomic image:2:string;req fsType:3:string pool:4:string;default="rbd" user:5:string;default="admin" keyring:6:string secretRef:7:SecretReference;ptr readOnly:8:bool
RBDVolumeSource monitors:1:[]string;req;atomic image:2:string;req fsType:3:string pool:4:string;default="rbd" user:5:string;default="admin" keyring:6:string secretRef:7:LocalObjectReference;ptr readOnly:8:bool
RangeAllocation metadata:1:meta.v1.ObjectMeta range:2:string;req data:3:bytes;req
ReplicationController metadata:1:meta.v1.ObjectMeta spec:2:ReplicationControllerSpec status:3:ReplicationControllerStatus
ReplicationControllerCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
ReplicationControllerSpec replicas:1:int32;ptr;default=1 minReadySeconds:4:int32;default=0 selector:2:{}string;atomic template:3:PodTemplateSpec;ptr
ReplicationControllerStatus replicas:1:int32;req fullyLabeledReplicas:2:int32 readyReplicas:4:int32 availableReplicas:5:int32 observedGeneration:3:int64 conditions:6:[]ReplicationControllerCondition;map=type;patch=merge,type
ResourceClaim name:1:string;req request:2:string
ResourceFieldSelector! containerName:1:string resource:2:string;req divisor:3:resource.Quantity
ResourceHealth resourceID:1:string;req health:2:string message:6:string;ptr
ResourceQuota metadata:1:meta.v1.ObjectMeta spec:2:ResourceQuotaSpec status:3:ResourceQuotaStatus
ResourceQuotaSpec hard:1:{}resource.Quantity scopes:2:[]string;atomic scopeSelector:3:ScopeSelector;ptr
ResourceQuotaStatus hard:1:{}resource.Quantity used:2:{}resource.Quantity
ResourceRequirements limits:1:{}resource.Quantity requests:2:{}resource.Quantity claims:3:[]ResourceClaim;map=name
ResourceStatus name:1:string;req resources:2:[]ResourceHealth;map=resourceID
SELinuxOptions user:1:string role:2:string type:3:string level:4:string
ScaleIOPersistentVolumeSource gateway:1:string;req system:2:string;req secretRef:3:SecretReference;ptr;req sslEnabled:4:bool protectionDomain:5:string storagePool:6:string storageMode:7:string;default="ThinProvisioned" volumeName:8:string fsType:9:string;default="xfs" readOnly:10:bool
ScaleIOVolumeSource gateway:1:string;req system:2:string;req secretRef:3:LocalObjectReference;ptr;req sslEnabled:4:bool protectionDomain:5:string storagePool:6:string storageMode:7:string;default="ThinProvisioned" volumeName:8:string fsType:9:string;default="xfs" readOnly:10:bool
ScopeSelector! matchExpressions:1:[]ScopedResourceSelectorRequirement;atomic
ScopedResourceSelectorRequirement scopeName:1:string;req operator:2:string;req values:3:[]string;atomic
SeccompProfile type:1:string;req localhostProfile:2:string;ptr
Secret metadata:1:meta.v1.ObjectMeta immutable:5:bool;ptr data:2:{}bytes stringData:4:{}string type:3:string
SecretEnvSource localObjectReference:1:LocalObjectReference;inline;req optional:2:bool;ptr
SecretKeySelector! localObjectReference:1:LocalObjectReference;inline;req key:2:string;req optional:3:bool;ptr
SecretProjection localObjectReference:1:LocalObjectReference;inline;req items:2:[]KeyToPath;atomic optional:4:bool;ptr
SecretReference! name:1:string namespace:2:string
SecretVolumeSource secretName:1:string items:2:[]KeyToPath;atomic defaultMode:3:int32;ptr optional:4:bool;ptr
SecurityContext capabilities:1:Capabilities;ptr privileged:2:bool;ptr seLinuxOptions:3:SELinuxOptions;ptr windowsOptions:10:WindowsSecurityContextOptions;ptr runAsUser:4:int64;ptr runAsGroup:8:int64;ptr runAsNonRoot:5:bool;ptr readOnlyRootFilesystem:6:bool;ptr allowPrivilegeEscalation:7:bool;ptr procMount:9:string;ptr seccompProfile:11:SeccompProfile;ptr appArmorProfile:12:AppArmorProfile;ptr
SerializedReference reference:1:ObjectReference
Service metadata:1:meta.v1.ObjectMeta spec:2:ServiceSpec status:3:ServiceStatus
ServiceAccount metadata:1:meta.v1.ObjectMeta secrets:2:[]ObjectReference;map=name;patch=merge,name imagePullSecrets:3:[]LocalObjectReference;atomic automountServiceAccountToken:4:bool;ptr
ServiceAccountTokenProjection audience:1:string expirationSeconds:2:int64;ptr path:3:string;req
ServicePort name:1:string protocol:2:string;default="TCP" appProtocol:6:string;ptr port:3:int32;req targetPort:4:intstr.IntOrString nodePort:5:int32
ServiceProxyOptions path:1:string
ServiceSpec ports:1:[]ServicePort;map=port,protocol;patch=merge,port selector:2:{}string;atomic clusterIP:3:string clusterIPs:18:[]string;atomic type:4:string externalIPs:5:[]string;atomic sessionAffinity:7:string loadBalancerIP:8:string loadBalancerSourceRanges:9:[]string;atomic externalName:10:string externalTrafficPolicy:11:string healthCheckNodePort:12:int32 publishNotReadyAddresses:13:bool sessionAffinityConfig:14:SessionAffinityConfig;ptr ipFamilies:19:[]string;atomic ipFamilyPolicy:17:string;ptr allocateLoadBalancerNodePorts:20:bool;ptr loadBalancerClass:21:string;ptr internalTrafficPolicy:22:string;ptr trafficDistribution:23:string;ptr
ServiceStatus loadBalancer:1:LoadBalancerStatus conditions:2:[]meta.v1.Condition;map=type;patch=merge,type
SessionAffinityConfig clientIP:1:ClientIPConfig;ptr
SleepAction seconds:1:int64;req
StorageOSPersistentVolumeSource volumeName:1:string volumeNamespace:2:string fsType:3:string readOnly:4:bool secretRef:5:ObjectReference;ptr
StorageOSVolumeSource volumeName:1:string volumeNamespace:2:string fsType:3:string readOnly:4:bool secretRef:5:LocalObjectReference;ptr
Sysctl name:1:string;req value:2:string;req
TCPSocketAction port:1:intstr.IntOrString;req host:2:string
Taint key:1:string;req value:2:string effect:3:string;req timeAdded:4:meta.v1.Time;ptr
Toleration key:1:string operator:2:string value:3:string effect:4:string tolerationSeconds:5:int64;ptr
TopologySelectorLabelRequirement key:1:string;req values:2:[]string;req;atomic
TopologySelectorTerm! matchLabelExpressions:1:[]TopologySelectorLabelRequirement;atomic
TopologySpreadConstraint maxSkew:1:int32;req topologyKey:2:string;req whenUnsatisfiable:3:string;req labelSelector:4:meta.v1.LabelSelector;ptr minDomains:5:int32;ptr nodeAffinityPolicy:6:string;ptr nodeTaintsPolicy:7:string;ptr matchLabelKeys:8:[]string;atomic
TypedLocalObjectReference! apiGroup:1:string;ptr kind:2:string;req name:3:string;req
TypedObjectReference apiGroup:1:string;ptr kind:2:string;req name:3:string;req namespace:4:string;ptr
Volume name:1:string;req volumeSource:2:VolumeSource;inline;req
VolumeDevice name:1:string;req devicePath:2:string;req
VolumeMount name:1:string;req readOnly:2:bool recursiveReadOnly:7:string;ptr mountPath:3:string;req subPath:4:string mountPropagation:5:string;ptr subPathExpr:6:string
VolumeMountStatus name:1:string;req mountPath:2:string;req readOnly:3:bool recursiveReadOnly:4:string;ptr volumeStatus:5:VolumeStatus;ptr
VolumeNodeAffinity required:1:NodeSelector;ptr
VolumeProjection secret:1:SecretProjection;ptr downwardAPI:2:DownwardAPIProjection;ptr configMap:3:ConfigMapProjection;ptr serviceAccountToken:4:ServiceAccountTokenProjection;ptr clusterTrustBundle:5:ClusterTrustBundleProjection;ptr podCertificate:6:PodCertificateProjection;ptr
VolumeResourceRequirements limits:1:{}resource.Quantity requests:2:{}resource.Quantity
VolumeSource hostPath:1:HostPathVolumeSource;ptr emptyDir:2:EmptyDirVolumeSource;ptr gcePersistentDisk:3:GCEPersistentDiskVolumeSource;ptr awsElasticBlockStore:4:AWSElasticBlockStoreVolumeSource;ptr gitRepo:5:GitRepoVolumeSource;ptr secret:6:SecretVolumeSource;ptr nfs:7:NFSVolumeSource;ptr iscsi:8:ISCSIVolumeSource;ptr glusterfs:9:GlusterfsVolumeSource;ptr persistentVolumeClaim:10:PersistentVolumeClaimVolumeSource;ptr rbd:11:RBDVolumeSource;ptr flexVolume:12:FlexVolumeSource;ptr cinder:13:CinderVolumeSource;ptr cephfs:14:CephFSVolumeSource;ptr flocker:15:FlockerVolumeSource;ptr downwardAPI:16:DownwardAPIVolumeSource;ptr fc:17:FCVolumeSource;ptr azureFile:18:AzureFileVolumeSource;ptr configMap:19:ConfigMapVolumeSource;ptr vsphereVolume:20:VsphereVirtualDiskVolumeSource;ptr quobyte:21:QuobyteVolumeSource;ptr azureDisk:22:AzureDiskVolumeSource;ptr photonPersistentDisk:23:PhotonPersistentDiskVolumeSource;ptr projected:26:ProjectedVolumeSource;ptr portworxVolume:24:PortworxVolumeSource;ptr scaleIO:25:ScaleIOVolumeSource;ptr storageos:27:StorageOSVolumeSource;ptr csi:28:CSIVolumeSource;ptr ephemeral:29:EphemeralVolumeSource;ptr image:30:ImageVolumeSource;ptr
VolumeStatus image:1:ImageVolumeStatus;ptr
VsphereVirtualDiskVolumeSource volumePath:1:string;req fsType:2:string storagePolicyName:3:string storagePolicyID:4:string
WeightedPodAffinityTerm weight:1:int32;req podAffinityTerm:2:PodAffinityTerm;req
WindowsSecurityContextOptions gmsaCredentialSpecName:1:string;ptr gmsaCredentialSpec:2:string;ptr runAsUserName:3:string;ptr hostProcess:4:bool;ptr
`;
