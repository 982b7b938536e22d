/** Who may do what: roles, and the questions about them. */
export const rbac = `
ClusterRole: Rights that hold in the whole cluster or, given by a role binding, in one namespace.
  rules: The rights.
  aggregationRule: Roles whose rights this one gets; rules is then written by the system.
AggregationRule: Roles that are put together.
  clusterRoleSelectors: Labels of the roles. One selector suffices.
ClusterRoleBinding: Gives the rights of a cluster role to users, in the whole cluster.
  subjects: Who gets them.
  roleRef: The role. Immutable.
Role: Rights in its namespace.
  rules: The rights.
RoleBinding: Gives the rights of a role to users, in its namespace.
  subjects: Who gets them.
  roleRef: A role of the namespace, or a cluster role. Immutable.
PolicyRule: What may be done to what. Either resources or paths are named.
  verbs: What may be done: get, list, watch, create and so on; * for all.
  apiGroups: Groups of the resources. Empty text for the core group, * for all.
  resources: Plurals of the resources, with subresources such as pods/log; * for all.
  resourceNames: Names of the objects. All unless given.
  nonResourceURLs: Paths that are no resources, such as /healthz; a * at the end stands for all that follows. Only in cluster roles.
RoleRef: Names a role.
  apiGroup: Group of the role: rbac.authorization.k8s.io.
  kind: Role or ClusterRole.
  name: Name of the role.
Subject: A user, a group or a service account.
  kind: User, Group or ServiceAccount.
  apiGroup: Group of the kind: empty for service accounts, rbac.authorization.k8s.io for the others.
  name: Name of the user, group or account.
  namespace: Namespace of the service account.
`;

export const authorization = `
SubjectAccessReview: Asks whether somebody may do something.
  spec: The question.
  status: The answer.
SelfSubjectAccessReview: Asks whether one may do something oneself.
  spec: The question.
  status: The answer.
LocalSubjectAccessReview: Asks whether somebody may do something in one namespace.
  spec: The question, about the namespace of the review.
  status: The answer.
SubjectAccessReviewSpec: Who wants to do what. Either a resource or a path is named.
  resourceAttributes: What is wanted of a resource.
  nonResourceAttributes: What is wanted of a path.
  user: Name of the user. It or groups must be given.
  groups: Groups that the user is in.
  extra: Further facts about the user, from whoever authenticated it.
  uid: Identity of the user.
SelfSubjectAccessReviewSpec < SubjectAccessReviewSpec: What is wanted. Either a resource or a path is named.
SubjectAccessReviewStatus: Whether it is allowed.
  allowed: Whether it is.
  denied: Whether somebody forbade it, so that nobody else can allow it.
  reason: Why, for people.
  evaluationError: What went wrong on the way; there may be an answer all the same.
ResourceAttributes: What is wanted of a resource.
  namespace: Where. Empty for the whole cluster, or for objects without one.
  verb: What, such as get or create; * for all.
  group: Group of the resource; * for all.
  version: Version of the resource; * for all.
  resource: Plural of the resource; * for all.
  subresource: Subresource, if one is meant.
  name: Name of the object. Empty for all.
  fieldSelector: Fields to which a list is limited. It can only help.
  labelSelector: Labels to which a list is limited. It can only help.
FieldSelectorAttributes: Fields to which a list is limited. Either form is given.
  rawSelector: As it stands in a query.
  requirements: Taken apart. All must be met.
LabelSelectorAttributes: Labels to which a list is limited. Either form is given.
  rawSelector: As it stands in a query.
  requirements: Taken apart. All must be met.
NonResourceAttributes: What is wanted of a path.
  path: The path.
  verb: What, such as get.
SelfSubjectRulesReview: Asks for all that one may do in a namespace. It is meant for user interfaces, not for decisions.
  spec: The question.
  status: The answer.
SelfSubjectRulesReviewSpec: The question.
  namespace: The namespace that is asked about.
SubjectRulesReviewStatus: What one may do, as far as it can be told.
  resourceRules: Rights to resources, in no order.
  nonResourceRules: Rights to paths, in no order.
  incomplete: Whether there may be further rights.
  evaluationError: What went wrong on the way.
ResourceRule < rbac.PolicyRule: A right to resources.
NonResourceRule < rbac.PolicyRule: A right to paths.
  nonResourceURLs: The paths; a * at the end stands for all that follows.
`;

export const authentication = `
SelfSubjectReview: Asks who one is to the server.
  status: The answer.
SelfSubjectReviewStatus: Who asked.
  userInfo: The user.
TokenReview: Asks whose a token is.
  spec: The token.
  status: The answer.
TokenReviewSpec: A token, and for whom it must be meant.
  token: The token.
  audiences: Who it must be meant for: one of them. The API server unless given.
TokenReviewStatus: Whose a token is.
  authenticated: Whether it is valid.
  user: Whose it is.
  audiences: Those of the asked audiences for whom it is meant.
  error: Why it could not be checked.
UserInfo: Who somebody is.
  username: Name, unique among those active.
  uid: Identity that stays when another gets the name.
  groups: Groups that the user is in.
  extra: Further facts, from whoever authenticated the user.
`;

export const certificates = `
CertificateSigningRequest: Asks a signer for a certificate, with somebody's approval in between.
CertificateSigningRequestSpec: What is asked for, and by whom. Immutable.
  request: The request in PKCS #10, as PEM in base64.
  signerName: Who is to sign, such as kubernetes.io/kube-apiserver-client.
  expirationSeconds: Life of the certificate that is wished for, in seconds; at least 600. The signer decides.
  usages: What the key may be used for, such as client auth.
  username: Who asked. The server fills it in.
  uid: Identity of who asked. The server fills it in.
  groups: Groups of who asked. The server fills them in.
  extra: Further facts about who asked. The server fills them in.
CertificateSigningRequestStatus: What became of the request.
  conditions: Whether it is Approved, Denied or Failed.
  certificate: The certificate with its chain, as PEM in base64. Immutable once there.
CertificateSigningRequestCondition: A decision about the request.
  type: Approved, Denied or Failed. None can be taken back.
  status: True, False or Unknown. True for the first two.
  reason: Why, in one CamelCase word.
  message: Why, for people.
  lastUpdateTime: When it was last changed.
  lastTransitionTime: When the status last went from one value to another.
`;
