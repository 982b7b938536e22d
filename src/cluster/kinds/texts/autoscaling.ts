/** How many pods there should be, by what they use. */
export const autoscaling = `
HorizontalPodAutoscaler: Sets the number of a workload's pods by what they use.
HorizontalPodAutoscalerSpec: Which workload is scaled, between which bounds, and by what.
  scaleTargetRef: The workload; it must have a scale subresource.
  minReplicas: Least number of pods. Default 1.
  maxReplicas: Greatest number of pods.
  metrics: What is measured. Each tells a number of pods, and the greatest wins. Default: 80% of cpu requests.
  behavior: How fast the number may change.
  targetCPUUtilizationPercentage: Share of their cpu requests that pods should use on average, in percent. Default 80.
HorizontalPodAutoscalerStatus: What an autoscaler measured and did.
  observedGeneration: The generation that this status takes account of.
  lastScaleTime: When it last changed the number of pods.
  currentReplicas: Number of pods when it last looked.
  desiredReplicas: Number of pods that it found right.
  currentMetrics: What was measured last.
  conditions: Whether it is able to scale, does so, and is held by a bound.
  currentCPUUtilizationPercentage: Share of their cpu requests that pods used on average, in percent.
HorizontalPodAutoscalerCondition < meta.Condition: One aspect of an autoscaler's state.
CrossVersionObjectReference: Names an object in the same namespace.
  kind: Its kind.
  name: Its name.
  apiVersion: Group and version of its kind.
MetricSpec: One thing that is measured. The field that type names is given.
  type: Which kind it is: Resource, ContainerResource, Pods, Object or External.
  object: A metric of another object.
  pods: A metric of each pod, of which the average counts.
  resource: A resource that pods request, such as cpu.
  containerResource: A resource of one container in each pod.
  external: A metric from outside of the cluster.
ObjectMetricSource: A metric of an object, such as requests to an ingress.
  describedObject: The object.
  target: What it should be.
  metric: Which metric.
PodsMetricSource: A metric of each pod.
  metric: Which metric.
  target: What its average should be.
ResourceMetricSource: A resource of pods.
  name: The resource.
  target: What its use should be.
ContainerResourceMetricSource < ResourceMetricSource: A resource of one container in each pod.
  container: Name of the container.
ExternalMetricSource: A metric from outside of the cluster.
  metric: Which metric.
  target: What it should be.
MetricTarget: What a metric should be. The field that type names is given.
  type: Utilization, Value or AverageValue.
  value: The value as a whole.
  averageValue: The value shared among all pods.
  averageUtilization: Average share of the request, in percent. Only for resources.
MetricIdentifier: Which metric.
  name: Its name.
  selector: Labels of the series that count. All unless given.
MetricStatus: One thing that was measured.
  type: Which kind it is: Resource, ContainerResource, Pods, Object or External.
  object: A metric of another object.
  pods: A metric of each pod.
  resource: A resource that pods request.
  containerResource: A resource of one container in each pod.
  external: A metric from outside of the cluster.
ObjectMetricStatus: What a metric of an object was.
  metric: Which metric.
  current: What it was.
  describedObject: The object.
PodsMetricStatus: What a metric of each pod was.
  metric: Which metric.
  current: What its average was.
ResourceMetricStatus: How much of a resource pods used.
  name: The resource.
  current: How much was used.
ContainerResourceMetricStatus < ResourceMetricStatus: How much of a resource one container in each pod used.
  container: Name of the container.
ExternalMetricStatus: What a metric from outside was.
  metric: Which metric.
  current: What it was.
MetricValueStatus: A measured value.
  value: The value as a whole.
  averageValue: The value shared among all pods.
  averageUtilization: Average share of the request, in percent.
HorizontalPodAutoscalerBehavior: How fast the number of pods may change.
  scaleUp: Rules for more pods. Unless given: at once, by 4 or to twice as many in 15 seconds, whichever is more.
  scaleDown: Rules for fewer pods. Unless given: the highest wish of the last 300 seconds, then as far as it goes.
HPAScalingRules: How fast the number of pods may change in one direction.
  stabilizationWindowSeconds: Seconds whose wishes are looked back at, the most cautious of which holds. Up to 3600; default 0 up, 300 down.
  selectPolicy: Which policy holds: Max (default), Min, or Disabled for no change in this direction.
  policies: How much may change in what time.
  tolerance: By what share a metric may be off before anything is done. Default 0.1.
HPAScalingPolicy: How much may change in what time.
  type: Pods for a number, Percent for a share of what there is.
  value: The number or share.
  periodSeconds: The time, in seconds, from 1 to 1800.
`;
