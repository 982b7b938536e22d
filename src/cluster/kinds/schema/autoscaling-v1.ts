// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const autoscalingV1 = `
ContainerResourceMetricSource name:1:string;req targetAverageUtilization:2:int32;ptr targetAverageValue:3:resource.Quantity;ptr container:5:string;req
ContainerResourceMetricStatus name:1:string;req currentAverageUtilization:2:int32;ptr currentAverageValue:3:resource.Quantity;req container:4:string;req
CrossVersionObjectReference! kind:1:string;req name:2:string;req apiVersion:3:string
ExternalMetricSource metricName:1:string;req metricSelector:2:meta.v1.LabelSelector;ptr targetValue:3:resource.Quantity;ptr targetAverageValue:4:resource.Quantity;ptr
ExternalMetricStatus metricName:1:string;req metricSelector:2:meta.v1.LabelSelector;ptr currentValue:3:resource.Quantity;req currentAverageValue:4:resource.Quantity;ptr
HorizontalPodAutoscaler metadata:1:meta.v1.ObjectMeta spec:2:HorizontalPodAutoscalerSpec;req status:3:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
HorizontalPodAutoscalerSpec scaleTargetRef:1:CrossVersionObjectReference;req minReplicas:2:int32;ptr maxReplicas:3:int32;req targetCPUUtilizationPercentage:4:int32;ptr
HorizontalPodAutoscalerStatus observedGeneration:1:int64;ptr lastScaleTime:2:meta.v1.Time;ptr currentReplicas:3:int32;req desiredReplicas:4:int32;req currentCPUUtilizationPercentage:5:int32;ptr
MetricSpec type:1:string;req object:2:ObjectMetricSource;ptr pods:3:PodsMetricSource;ptr resource:4:ResourceMetricSource;ptr containerResource:7:ContainerResourceMetricSource;ptr external:5:ExternalMetricSource;ptr
MetricStatus type:1:string;req object:2:ObjectMetricStatus;ptr pods:3:PodsMetricStatus;ptr resource:4:ResourceMetricStatus;ptr containerResource:7:ContainerResourceMetricStatus;ptr external:5:ExternalMetricStatus;ptr
ObjectMetricSource target:1:CrossVersionObjectReference;req metricName:2:string;req targetValue:3:resource.Quantity;req selector:4:meta.v1.LabelSelector;ptr averageValue:5:resource.Quantity;ptr
ObjectMetricStatus target:1:CrossVersionObjectReference;req metricName:2:string;req currentValue:3:resource.Quantity;req selector:4:meta.v1.LabelSelector;ptr averageValue:5:resource.Quantity;ptr
PodsMetricSource metricName:1:string;req targetAverageValue:2:resource.Quantity;req selector:3:meta.v1.LabelSelector;ptr
PodsMetricStatus metricName:1:string;req currentAverageValue:2:resource.Quantity;req selector:3:meta.v1.LabelSelector;ptr
ResourceMetricSource name:1:string;req targetAverageUtilization:2:int32;ptr targetAverageValue:3:resource.Quantity;ptr
ResourceMetricStatus name:1:string;req currentAverageUtilization:2:int32;ptr currentAverageValue:3:resource.Quantity;req
Scale metadata:1:meta.v1.ObjectMeta spec:2:ScaleSpec status:3:ScaleStatus
ScaleSpec replicas:1:int32;default=0
ScaleStatus replicas:1:int32;req selector:2:string
`;
