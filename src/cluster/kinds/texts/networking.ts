/** Ways into the cluster, and who may talk to whom. */
export const networking = `
IPAddress: An address that is taken, so that nothing else gets it. Its name is the address.
IPAddressSpec: Whose an address is.
  parentRef: The object that has it.
ParentReference: Names the object that has an address.
  group: Group of the object.
  resource: Plural under which its kind is served.
  namespace: Namespace of the object.
  name: Name of the object.
Ingress: Leads requests by HTTP from outside to services, by host and path.
IngressSpec: Which requests lead where.
  ingressClassName: Class of the controller that serves it. The default class unless given.
  defaultBackend: Where requests go that no rule matches.
  tls: Certificates, by host.
  rules: Rules by host. Others go to the default.
IngressBackend: Where requests go: to a service or another object.
  service: A service of the namespace.
  resource: Another object of the namespace, such as a bucket. Not together with service.
IngressServiceBackend: A port of a service.
  name: The service.
  port: Its port.
ServiceBackendPort: A port, by name or number.
  name: Name of the port. Not together with number.
  number: Number of the port. Not together with name.
IngressTLS: A certificate, and for whom.
  hosts: Hosts that it is for; the certificate must name them. The controller decides unless given.
  secretName: Secret with certificate and key for port 443.
IngressRule: Rules for one host.
  host: The host, or a wildcard such as *.example.com. Every host unless given.
  http: Rules by path.
HTTPIngressRuleValue: Rules by path.
  paths: The paths, and where each leads.
HTTPIngressPath: A path, and where it leads.
  path: What the request's path is compared with. It begins with a slash.
  pathType: Exact, Prefix (part by part, between slashes), or ImplementationSpecific.
  backend: Where it leads.
IngressStatus: What became of an ingress.
  loadBalancer: Where it is reached.
IngressLoadBalancerStatus: Where an ingress is reached.
  ingress: Its points of entry.
IngressLoadBalancerIngress: One point of entry.
  ip: Its address, if it has one.
  hostname: Its name, if it has one.
  ports: State of each port.
IngressPortStatus: State of a port.
  port: The port.
  protocol: One of TCP, UDP and SCTP.
  error: What is wrong with it, as a CamelCase word or DOMAIN/word.
IngressClass: A kind of ingress, and the controller that serves it.
IngressClassSpec: Who serves a class.
  controller: Name of the controller, as DOMAIN/PATH. Immutable.
  parameters: Object with settings for the controller.
IngressClassParametersReference: Names the object with settings.
  apiGroup: Group of its kind. The core group unless given.
  kind: Its kind.
  name: Its name.
  scope: Cluster (default) or Namespace.
  namespace: Its namespace, with scope Namespace.
NetworkPolicy: Who may connect to some pods, and to whom they may connect.
NetworkPolicySpec: Which pods are meant, and what is allowed. All that isn't, is refused.
  podSelector: Labels of the pods in the namespace that it is for. All when empty.
  ingress: Who may connect to them. Nobody when empty, in so far as policyTypes has Ingress.
  egress: To whom they may connect. Nobody when empty, in so far as policyTypes has Egress.
  policyTypes: Directions that it rules: Ingress, Egress. Default Ingress, and Egress if there are rules for it.
NetworkPolicyIngressRule: Connections that are allowed to come.
  ports: To which ports. All unless given.
  from: From whom. Everybody unless given.
NetworkPolicyEgressRule: Connections that are allowed to go.
  ports: To which ports. All unless given.
  to: To whom. Everybody unless given.
NetworkPolicyPort: A port, or a range.
  protocol: One of TCP (default), UDP and SCTP.
  port: Number, or name of the pods' port. All unless given.
  endPort: Last port of the range that begins with port.
NetworkPolicyPeer: Some pods or addresses. ipBlock stands alone.
  podSelector: Labels of pods: in the policy's own namespace, unless namespaceSelector says others.
  namespaceSelector: Labels of namespaces. All of them when empty.
  ipBlock: A range of addresses.
IPBlock: A range of addresses.
  cidr: The range, such as 192.168.1.0/24.
  except: Parts of it that are left out.
ServiceCIDR: Ranges from which services get their addresses.
ServiceCIDRSpec: The ranges.
  cidrs: One range, or one of each IP family. Immutable.
ServiceCIDRStatus: Whether the ranges are in use.
  conditions: Whether it is Ready, and why it can't go yet.
`;
