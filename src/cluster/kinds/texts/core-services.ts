/** How pods are reached: services and their endpoints. */
export const coreServices = `
Service: A steady name and address for a changing set of pods.
ServiceSpec: Which pods a service leads to, and under what address.
  ports: Ports of the service, and where each leads.
  selector: Labels of the pods that are behind it. Without any, somebody else writes the endpoints.
  clusterIP: Its address in the cluster. Allocated unless given; None makes a headless service. Immutable, mostly.
  clusterIPs: The same for each IP family, clusterIP being the first.
  type: How it is reached: ClusterIP (default), NodePort, LoadBalancer, or ExternalName, an alias in DNS.
  externalIPs: Further addresses at which nodes accept its traffic. Whoever sets them must lead it there.
  sessionAffinity: ClientIP sends a client to the same pod each time. Default None.
  loadBalancerIP: Deprecated: address wished for the load balancer.
  loadBalancerSourceRanges: Clients that the load balancer lets through, as ranges. All unless given.
  externalName: Name for which the service is an alias. Only with type ExternalName.
  externalTrafficPolicy: Local serves outside traffic by pods of the node that it came to, and keeps the client's address. Default Cluster.
  healthCheckNodePort: Port at which nodes tell load balancers whether they have a pod. Only with policy Local.
  publishNotReadyAddresses: Whether pods that aren't ready are among the endpoints too. Default false.
  sessionAffinityConfig: Settings of sessionAffinity.
  ipFamilies: Families of its addresses, IPv4 and IPv6, the main one first.
  ipFamilyPolicy: SingleStack (default), PreferDualStack or RequireDualStack.
  allocateLoadBalancerNodePorts: Whether a load balancer's ports get ports of the nodes. Default true.
  loadBalancerClass: Which implementation of load balancers serves it. Immutable once set.
  internalTrafficPolicy: Local serves clients in the cluster by pods of their own node only. Default Cluster.
  trafficDistribution: Preference among endpoints: PreferSameZone (also PreferClose) or PreferSameNode. A hint, no promise.
ServicePort: A port of a service.
  name: Its name; needed where there are several.
  protocol: One of TCP (default), UDP and SCTP.
  appProtocol: What is spoken on it, such as kubernetes.io/h2c. It only informs.
  port: The port of the service.
  targetPort: Number or name of the pods' port. The service's own unless given.
  nodePort: Port of the nodes that leads to it. Allocated unless given, where the type needs one.
SessionAffinityConfig: Settings of session affinity.
  clientIP: Settings for affinity by the client's address.
ClientIPConfig: How long a client stays with a pod.
  timeoutSeconds: Seconds since its last connection, up to 86400. Default 10800, three hours.
ServiceStatus: What became of a service.
  loadBalancer: Where its load balancer is reached.
  conditions: Anything else of note.
LoadBalancerStatus: Where a load balancer is reached.
  ingress: Its points of entry.
LoadBalancerIngress: One point of entry.
  ip: Its address, if it has one.
  hostname: Its name, if it has one.
  ipMode: VIP (default) if traffic comes with that address as its destination, Proxy if with the node's.
  ports: State of each port.
PortStatus: State of a load balancer's port.
  port: The port.
  protocol: One of TCP, UDP and SCTP.
  error: What is wrong with it, as a CamelCase word or DOMAIN/word.
Endpoints: The addresses behind a service. Deprecated: EndpointSlices have taken its place.
  subsets: Addresses, grouped by the ports that they have.
EndpointSubset: Addresses that have the same ports.
  addresses: Those that are ready.
  notReadyAddresses: Those that aren't ready, or not yet.
  ports: Their ports.
EndpointAddress: One address.
  ip: The address.
  hostname: Name of the pod in the service's domain.
  nodeName: The node on which it is.
  targetRef: The pod that has it.
EndpointPort: A port of some addresses.
  name: Name of the service's port.
  port: The number.
  protocol: One of TCP (default), UDP and SCTP.
  appProtocol: What is spoken on it.
`;
