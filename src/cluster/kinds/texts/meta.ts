/** What all objects have, and types that every group uses. */
export const meta = `
Condition: One aspect of an object's state, whether it holds, and since when.
  type: Which aspect it is, in CamelCase, such as Ready or Available.
  status: Whether it holds: True, False, or Unknown.
  observedGeneration: Generation of the object for which this was found. Older than metadata.generation means out of date.
  lastTransitionTime: When the status last went from one value to another.
  reason: One CamelCase word, for programs, that says why the status is what it is.
  message: The same for people, with details.
FieldSelectorRequirement: One demand on the value of a field.
  key: The field that is looked at, as a path.
  operator: How the field relates to the values: In, NotIn, Exists or DoesNotExist.
  values: Values to compare with. Some for In and NotIn, none for Exists and DoesNotExist.
LabelSelector: Chooses objects by their labels: all demands must be met. An empty one chooses everything.
  matchLabels: Labels that an object must have, with these very values.
  matchExpressions: Further demands on labels, all of which must be met.
LabelSelectorRequirement: One demand on the value of a label.
  key: The label that is looked at.
  operator: How the label relates to the values: In, NotIn, Exists or DoesNotExist.
  values: Values to compare with. Some for In and NotIn, none for Exists and DoesNotExist.
ManagedFieldsEntry: Which fields somebody owns, and by which kind of request they came to own them.
  manager: Name of the program or person that owns the fields.
  operation: How they were written: Apply for server-side apply, Update for everything else.
  apiVersion: Version of the kind in which the fields are named.
  time: When the owner last added, changed or gave up one of the fields.
  fieldsType: How fieldsV1 is written. Only FieldsV1 is known.
  fieldsV1: The fields that are owned, as a tree of their names.
  subresource: Part of the object through which they were written, such as status. Empty for the object itself.
ObjectMeta: What every object has, whatever its kind: who it is, whose it is, and how it is labelled.
  name: Unique among objects of the kind in the namespace. It can't be changed.
  generateName: Beginning of a name to be made: the server adds random letters where name is empty.
  namespace: The namespace in which the object lives. Empty for kinds that belong to the whole cluster; immutable.
  selfLink: Deprecated, and always empty.
  uid: Identity in time and space, given by the server: an object made again under the same name has another.
  resourceVersion: Changes with each write. Clients send it back to be refused if somebody else wrote meanwhile.
  generation: Grows whenever what is wished for (the spec) changes. The server counts it.
  creationTimestamp: When the server created it, in UTC.
  deletionTimestamp: When it goes, or should have gone, since somebody deleted it. Finalizers may hold it longer.
  deletionGracePeriodSeconds: Seconds that it is given to end by itself before it goes. Set with deletionTimestamp.
  labels: Keys and values by which objects are grouped and selected.
  annotations: Keys and values that tools keep with the object, and by which nothing is selected.
  ownerReferences: The objects for which it is there: when the last of them is gone, it is garbage.
  finalizers: Who must do something before the object may vanish. Each takes itself off the list when done.
  managedFields: Who owns which fields: server-side apply finds conflicts by it.
OwnerReference: Names an object in the same namespace, or of the whole cluster, as an owner.
  apiVersion: Group and version of the owner.
  kind: The owner's kind.
  name: The owner's name.
  uid: The owner's uid; another object of the same name does not count.
  controller: Whether this owner manages the object. At most one does.
  blockOwnerDeletion: Whether an owner that is deleted in the foreground waits until this object is gone.
`;
