/** How many requests a server handles at a time, and for whom. */
export const flowcontrol = `
FlowSchema: Sorts requests into a priority level.
FlowSchemaSpec: Which requests, and where they belong.
  priorityLevelConfiguration: The priority level to which they belong.
  matchingPrecedence: Of several schemas that match, the least number wins. From 1 to 10000; default 1000.
  distinguisherMethod: How requests are told apart as flows that share fairly. One flow unless given.
  rules: Requests that are meant: one of the rules must match.
PriorityLevelConfigurationReference: Names a priority level.
  name: Its name.
FlowDistinguisherMethod: How requests are told apart.
  type: ByUser, or ByNamespace.
PolicyRulesWithSubjects: Requests of certain users for certain things.
  subjects: Whose: one must match.
  resourceRules: For which resources. One rule of either kind must match.
  nonResourceRules: For which paths. One rule of either kind must match.
Subject: Users. The field that kind names is given.
  kind: User, Group or ServiceAccount.
  user: A user.
  group: A group.
  serviceAccount: A service account.
UserSubject: A user.
  name: The user's name; * for all.
GroupSubject: A group.
  name: The group's name; * for all.
ServiceAccountSubject: A service account.
  namespace: The account's namespace.
  name: The account's name; * for all of the namespace.
ResourcePolicyRule: Requests for resources.
  verbs: What is done; * for all.
  apiGroups: Groups of the resources; * for all.
  resources: Plurals of the resources, with subresources; * for all.
  clusterScope: Whether requests without a namespace count. Default false.
  namespaces: Namespaces that count; * for all.
NonResourcePolicyRule: Requests for paths.
  verbs: What is done; * for all.
  nonResourceURLs: The paths; a * at the end stands for all that follows.
FlowSchemaStatus: Whether a schema is sound.
  conditions: Whether its priority level is missing (Dangling).
FlowSchemaCondition < meta.Condition: One aspect of a schema's state.
PriorityLevelConfiguration: A share of what the server can handle at a time.
PriorityLevelConfigurationSpec: How large the share is. The field that type names is given.
  type: Exempt is never held back; Limited is. Immutable for the two levels that the server needs.
  limited: Settings of a limited level.
  exempt: Settings of an exempt level.
LimitedPriorityLevelConfiguration: How large the share is, and what happens beyond it.
  nominalConcurrencyShares: Size of the share, beside those of other levels. Default 30.
  limitResponse: What happens to requests beyond it.
  lendablePercent: How much of it others may borrow, in percent. Default 0.
  borrowingLimitPercent: How much it may borrow from others, in percent of its own. Unlimited unless given.
LimitResponse: What happens to requests beyond the share.
  type: Queue lets them wait, Reject refuses them.
  queuing: Settings of the queues. Only with Queue.
QueuingConfiguration: Queues of a level.
  queues: How many there are. Default 64.
  handSize: From how many a flow gets the shortest, so that large flows don't fill all. Default 8.
  queueLengthLimit: How many requests may wait in one; others are refused. Default 50.
ExemptPriorityLevelConfiguration: Settings of a level that is never held back.
  nominalConcurrencyShares: Size of the share that is set aside for it. Default 0.
  lendablePercent: How much of it others may borrow, in percent. Default 0.
PriorityLevelConfigurationStatus: Whether a level is sound.
  conditions: Anything of note.
PriorityLevelConfigurationCondition < meta.Condition: One aspect of a level's state.
`;
