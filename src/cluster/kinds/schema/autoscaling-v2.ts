// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const autoscalingV2 = `
ContainerResourceMetricSource name:1:string;req target:2:MetricTarget;req container:3:string;req
ContainerResourceMetricStatus name:1:string;req current:2:MetricValueStatus;req container:3:string;req
CrossVersionObjectReference kind:1:string;req name:2:string;req apiVersion:3:string
ExternalMetricSource metric:1:MetricIdentifier;req target:2:MetricTarget;req
ExternalMetricStatus metric:1:MetricIdentifier;req current:2:MetricValueStatus;req
HPAScalingPolicy type:1:string;req value:2:int32;req periodSeconds:3:int32;req
HPAScalingRules stabilizationWindowSeconds:3:int32;ptr selectPolicy:1:string;ptr policies:2:[]HPAScalingPolicy;atomic tolerance:4:resource.Quantity;ptr
HorizontalPodAutoscaler metadata:1:meta.v1.ObjectMeta spec:2:HorizontalPodAutoscalerSpec;req status:3:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior scaleUp:1:HPAScalingRules;ptr scaleDown:2:HPAScalingRules;ptr
HorizontalPodAutoscalerCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
HorizontalPodAutoscalerSpec scaleTargetRef:1:CrossVersionObjectReference;req minReplicas:2:int32;ptr maxReplicas:3:int32;req metrics:4:[]MetricSpec;atomic behavior:5:HorizontalPodAutoscalerBehavior;ptr
HorizontalPodAutoscalerStatus observedGeneration:1:int64;ptr lastScaleTime:2:meta.v1.Time;ptr currentReplicas:3:int32 desiredReplicas:4:int32;req currentMetrics:5:[]MetricStatus;atomic conditions:6:[]HorizontalPodAutoscalerCondition;map=type;patch=merge,type
MetricIdentifier name:1:string;req selector:2:meta.v1.LabelSelector;ptr
MetricSpec type:1:string;req object:2:ObjectMetricSource;ptr pods:3:PodsMetricSource;ptr resource:4:ResourceMetricSource;ptr containerResource:7:ContainerResourceMetricSource;ptr external:5:ExternalMetricSource;ptr
MetricStatus type:1:string;req object:2:ObjectMetricStatus;ptr pods:3:PodsMetricStatus;ptr resource:4:ResourceMetricStatus;ptr containerResource:7:ContainerResourceMetricStatus;ptr external:5:ExternalMetricStatus;ptr
MetricTarget type:1:string;req value:2:resource.Quantity;ptr averageValue:3:resource.Quantity;ptr averageUtilization:4:int32;ptr
MetricValueStatus value:1:resource.Quantity;ptr averageValue:2:resource.Quantity;ptr averageUtilization:3:int32;ptr
ObjectMetricSource describedObject:1:CrossVersionObjectReference;req target:2:MetricTarget;req metric:3:MetricIdentifier;req
ObjectMetricStatus metric:1:MetricIdentifier;req current:2:MetricValueStatus;req describedObject:3:CrossVersionObjectReference;req
PodsMetricSource metric:1:MetricIdentifier;req target:2:MetricTarget;req
PodsMetricStatus metric:1:MetricIdentifier;req current:2:MetricValueStatus;req
ResourceMetricSource name:1:string;req target:2:MetricTarget;req
ResourceMetricStatus name:1:string;req current:2:MetricValueStatus;req
`;
