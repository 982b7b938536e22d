/** What looks at requests before anything is written, and kinds that users define. */
export const admissionregistration = `
MutatingAdmissionPolicy: Changes objects that are written, by rules in CEL.
MutatingAdmissionPolicySpec: Which requests are meant, and how objects change.
  paramKind: Kind of the objects with settings. None are used unless given.
  matchConstraints: Which requests are meant.
  variables: Expressions with names, for use in others as variables.NAME. Each may use those before it.
  mutations: The changes, in order.
  failurePolicy: What if an expression fails: Fail (default) refuses the request, Ignore goes on.
  matchConditions: Expressions that must all be true for the policy to apply. At most 64.
  reinvocationPolicy: Whether it is asked again after others changed the object: Never or IfNeeded.
MutatingAdmissionPolicyBinding: Puts a policy into force, with settings and for some requests.
MutatingAdmissionPolicyBindingSpec: Which policy is put into force, and for what.
  policyName: Name of the policy. Without one it is without effect.
  paramRef: The settings.
  matchResources: Which of the requests that the policy means. All unless given.
ValidatingAdmissionPolicy: Refuses requests, by rules in CEL.
ValidatingAdmissionPolicySpec: Which requests are meant, and what must hold.
  paramKind: Kind of the objects with settings. None are used unless given.
  matchConstraints: Which requests are meant.
  validations: What must hold. It or auditAnnotations must be given.
  failurePolicy: What if an expression fails: Fail (default) refuses the request, Ignore goes on.
  auditAnnotations: What is noted in the audit log.
  matchConditions: Expressions that must all be true for the policy to apply. At most 64.
  variables: Expressions with names, for use in others as variables.NAME. Each may use those before it.
ValidatingAdmissionPolicyStatus: Whether a policy is sound.
  observedGeneration: The generation that this status takes account of.
  typeChecking: Doubts about its expressions.
  conditions: Anything else of note.
ValidatingAdmissionPolicyBinding: Puts a policy into force, with settings and for some requests.
ValidatingAdmissionPolicyBindingSpec < MutatingAdmissionPolicyBindingSpec: Which policy is put into force, for what, and what its refusals do.
  validationActions: What happens when a rule isn't met: Deny, Warn, Audit. Not both of the first two.
MutatingWebhookConfiguration: Services that may change objects before they are written.
  webhooks: The services, and when each is asked.
ValidatingWebhookConfiguration: Services that may refuse requests.
  webhooks: The services, and when each is asked.
ValidatingWebhook: A service that may refuse requests, and when it is asked.
  name: Full name with a domain. Unique in the configuration.
  clientConfig: Where it is.
  rules: About which requests it is asked.
  failurePolicy: What if it doesn't answer: Fail (default) refuses the request, Ignore goes on.
  matchPolicy: Whether requests in another version of the kind count: Equivalent (default, they do) or Exact.
  namespaceSelector: Labels of the namespaces whose objects count. All unless given.
  objectSelector: Labels of the objects that count, before or after the change. All unless given.
  sideEffects: Whether it does something besides answering: None or NoneOnDryRun. Others are refused.
  timeoutSeconds: Seconds after which it didn't answer, from 1 to 30. Default 10.
  admissionReviewVersions: Versions of AdmissionReview that it understands; the first that the server knows is used.
  matchConditions: Expressions that must all be true for it to be asked. At most 64.
MutatingWebhook < ValidatingWebhook: A service that may change objects, and when it is asked.
  reinvocationPolicy: Whether it is asked again after others changed the object: Never (default) or IfNeeded.
WebhookClientConfig: Where a service is. Exactly one of url and service is given.
  url: Its address, with https and no user, query or fragment.
  service: A service in the cluster.
  caBundle: Certificates to check it by, as PEM. Those of the system unless given.
ServiceReference: A service in the cluster.
  namespace: Its namespace.
  name: Its name.
  path: Path that is asked for. Default /.
  port: Its port. Default 443.
MatchResources: Which requests are meant.
  namespaceSelector: Labels of the namespaces whose objects count. All unless given.
  objectSelector: Labels of the objects that count, before or after the change. All unless given.
  resourceRules: Requests that are meant: one of the rules must match.
  excludeResourceRules: Requests that aren't, even if a rule above says so.
  matchPolicy: Whether requests in another version of the kind count: Equivalent (default, they do) or Exact.
RuleWithOperations: Some requests.
  operations: What is done: CREATE, UPDATE, DELETE, CONNECT; * for all.
  apiGroups: Groups of the resources; * for all.
  apiVersions: Versions of the resources; * for all.
  resources: Plurals, with subresources such as pods/status; * for all resources, */* for all with their subresources.
  scope: Cluster, Namespaced, or * for both (default).
NamedRuleWithOperations < RuleWithOperations: Some requests, perhaps only for objects with certain names.
  resourceNames: Names of the objects. All unless given.
ParamKind: Kind of objects with settings.
  apiVersion: Group and version of the kind.
  kind: The kind.
ParamRef: Objects with settings, by name or by labels.
  name: Name of the object. Not together with selector.
  namespace: Its namespace. That of the request's object unless given, where the kind has namespaces.
  selector: Labels of the objects; the policy applies with each. Not together with name.
  parameterNotFoundAction: What if there is none: Allow leaves the policy out, Deny does as its failurePolicy says.
Variable: An expression with a name.
  name: Its name, an identifier of CEL.
  expression: The expression, in CEL.
MatchCondition: An expression that must be true.
  name: Its name, for logs and messages. Unique in the list.
  expression: The expression, in CEL. It knows object, oldObject, request and authorizer.
Mutation: A change. The field that patchType names is given.
  patchType: ApplyConfiguration or JSONPatch.
  applyConfiguration: Fields that are set, as by server-side apply.
  jsonPatch: Operations that are done.
ApplyConfiguration: Fields that are set.
  expression: An expression in CEL that tells an Object with these fields. Lists that are atomic can't be set.
JSONPatch: Operations that are done.
  expression: An expression in CEL that tells a list of JSONPatch operations.
Validation: Something that must hold.
  expression: What must be true, in CEL. It knows object, oldObject, request, params, variables and more.
  message: What a refusal says. Needed where the expression has line breaks.
  reason: Why, to programs: Unauthorized, Forbidden, Invalid (default) or RequestEntityTooLarge.
  messageExpression: An expression in CEL for the message. It wins over message, unless it fails.
AuditAnnotation: A note in the audit log.
  key: Its key, which follows the policy's name.
  valueExpression: An expression in CEL for its text. No note is made for null or an empty text.
TypeChecking: Doubts about expressions.
  expressionWarnings: A doubt for each expression that may not fit its kinds.
ExpressionWarning: A doubt about one expression.
  fieldRef: Path of the expression, such as spec.validations[0].expression.
  warning: What may be wrong, kind by kind.
`;

export const apiextensions = `
CustomResourceDefinition: A kind that users add to the API. It is called PLURAL.GROUP.
CustomResourceDefinitionSpec: What the kind is called, and what its objects look like.
  group: Group in which it is served. Immutable.
  names: What it is called.
  scope: Cluster, or Namespaced, when objects live in namespaces. Immutable.
  versions: Versions in which it is served. Exactly one is stored.
  conversion: How objects go from one version to another. Default None.
  preserveUnknownFields: Deprecated, and must be false: schemas say which unknown fields stay.
CustomResourceDefinitionNames: What a kind is called.
  plural: Name in paths, in lower case.
  singular: Name of one, in lower case. Default: kind in lower case.
  shortNames: Short names for the command line, in lower case.
  kind: Name of the kind, in CamelCase and singular.
  listKind: Name of a list of them. Default: kind with List behind it.
  categories: Groups of kinds that it belongs to, such as all.
CustomResourceDefinitionVersion: A version of a kind.
  name: Its name, such as v1beta1.
  served: Whether requests in this version are answered.
  storage: Whether objects are stored in this version. True for exactly one.
  deprecated: Whether clients are warned who use it. Default false.
  deprecationWarning: What the warning says. Made up unless given.
  schema: What objects look like.
  subresources: Which subresources objects have.
  additionalPrinterColumns: Columns that lists show. Age alone unless given.
  selectableFields: Fields by which lists can be narrowed. At most 8.
CustomResourceValidation: What objects look like.
  openAPIV3Schema: The schema.
CustomResourceSubresources: Subresources of objects.
  status: Whether status is written by a path of its own. Given, if so.
  scale: How objects are scaled.
CustomResourceSubresourceStatus: Says by being there that status is written by a path of its own.
CustomResourceSubresourceScale: Where objects keep what scaling needs. Paths have no lists.
  specReplicasPath: Path of the number that is wished for, below .spec.
  statusReplicasPath: Path of the number that there is, below .status.
  labelSelectorPath: Path of the selector as text, below .spec or .status. Autoscaling needs it.
CustomResourceColumnDefinition: A column of lists.
  name: Its heading.
  type: What its values are: string, integer, number, boolean or date.
  format: Closer description of the type; name marks the column that tells objects apart.
  description: What it shows, for people.
  priority: 0 for columns that are always shown, more for those that need -o wide.
  jsonPath: Path of the value in the object.
SelectableField: A field by which lists can be narrowed.
  jsonPath: Path of the field, of a text, integer or truth value. No lists on the way.
CustomResourceConversion: How objects go from one version to another.
  strategy: None changes apiVersion alone, Webhook asks a service.
  webhook: The service. Only with Webhook.
WebhookConversion: A service that converts.
  clientConfig: Where it is.
  conversionReviewVersions: Versions of ConversionReview that it understands; the first that the server knows is used.
WebhookClientConfig < admissionregistration.WebhookClientConfig: Where a service is. Exactly one of url and service is given.
ServiceReference < admissionregistration.ServiceReference: A service in the cluster.
CustomResourceDefinitionStatus: Whether a kind is served.
  conditions: Whether its names are taken over (NamesAccepted) and it is served (Established), and more.
  acceptedNames: Names under which it is served.
  storedVersions: Versions in which objects may still be stored. They can't be removed from the spec.
  observedGeneration: The generation that this status takes account of.
CustomResourceDefinitionCondition < meta.Condition: One aspect of a kind's state.
ExternalDocumentation: Documentation elsewhere.
  description: What is found there.
  url: Where it is.
ValidationRule: Something that must hold of a value.
  rule: What must be true, in CEL. self is the value, oldSelf what it was.
  message: What a refusal says. Needed where the rule has line breaks.
  messageExpression: An expression in CEL for the message. It wins over message, unless it fails.
  reason: Why, to programs: FieldValueInvalid (default), FieldValueForbidden, FieldValueRequired, FieldValueDuplicate.
  fieldPath: Path of the field to blame, from the value on, such as .spec.size.
  optionalOldSelf: Whether a rule with oldSelf is asked on creation too, oldSelf then being an optional.
JSONSchemaProps: A schema of values, in the words of OpenAPI 3.0.
  id: Not supported.
  $schema: Not supported.
  $ref: Not supported.
  description: What the value means, for people.
  type: What it is: object, array, string, integer, number or boolean.
  format: Closer description of the type, such as date-time.
  title: A short name for people.
  default: Value where there is none.
  maximum: Greatest number.
  exclusiveMaximum: Whether the number must be less than maximum. Default false.
  minimum: Least number.
  exclusiveMinimum: Whether the number must be greater than minimum. Default false.
  maxLength: Most characters of a text.
  minLength: Fewest characters of a text.
  pattern: Regular expression that a part of the text must match.
  maxItems: Most items of a list.
  minItems: Fewest items of a list.
  uniqueItems: Must not be true: a list type of set says it.
  multipleOf: Number of which the value must be a multiple.
  enum: Values that are allowed.
  maxProperties: Most properties of an object.
  minProperties: Fewest properties of an object.
  required: Properties that must be there.
  items: Schema of the items of a list.
  allOf: Schemas of which all must match.
  oneOf: Schemas of which exactly one must match.
  anyOf: Schemas of which at least one must match.
  not: Schema that must not match.
  properties: Schemas of an object's properties, by name.
  additionalProperties: Schema of all other properties, or whether there may be any. Not together with properties.
  patternProperties: Not supported.
  dependencies: Not supported.
  additionalItems: Not supported.
  definitions: Not supported.
  externalDocs: Documentation elsewhere.
  example: A value as an example.
  nullable: Whether it may be null. Default false.
  x-kubernetes-preserve-unknown-fields: Whether properties that no schema names are kept instead of dropped.
  x-kubernetes-embedded-resource: Whether it is an object of the API, with apiVersion, kind and metadata.
  x-kubernetes-int-or-string: Whether it may be an integer or a text.
  x-kubernetes-list-map-keys: Properties that tell the items of the list apart. Only with list type map.
  x-kubernetes-list-type: How a list is merged: atomic as a whole (default), set by value, map by keys.
  x-kubernetes-map-type: How an object is merged: granular by property (default), or atomic as a whole.
  x-kubernetes-validations: Rules in CEL that must hold.
`;
