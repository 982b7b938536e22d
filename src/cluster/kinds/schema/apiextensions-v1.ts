// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const apiextensionsV1 = `
ConversionRequest uid:1:string;req desiredAPIVersion:2:string;req objects:3:[]runtime.RawExtension;req;atomic
ConversionResponse uid:1:string;req convertedObjects:2:[]runtime.RawExtension;req;atomic result:3:meta.v1.Status;req
ConversionReview request:1:ConversionRequest;ptr response:2:ConversionResponse;ptr
CustomResourceColumnDefinition name:1:string;req type:2:string;req format:3:string description:4:string priority:5:int32 jsonPath:6:string;req
CustomResourceConversion strategy:1:string;req webhook:2:WebhookConversion;ptr
CustomResourceDefinition metadata:1:meta.v1.ObjectMeta spec:2:CustomResourceDefinitionSpec;req status:3:CustomResourceDefinitionStatus
CustomResourceDefinitionCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string observedGeneration:6:int64
CustomResourceDefinitionNames plural:1:string;req singular:2:string shortNames:3:[]string;atomic kind:4:string;req listKind:5:string categories:6:[]string;atomic
CustomResourceDefinitionSpec group:1:string;req names:3:CustomResourceDefinitionNames;req scope:4:string;req versions:7:[]CustomResourceDefinitionVersion;req;atomic conversion:9:CustomResourceConversion;ptr preserveUnknownFields:10:bool
CustomResourceDefinitionStatus conditions:1:[]CustomResourceDefinitionCondition;map=type acceptedNames:2:CustomResourceDefinitionNames storedVersions:3:[]string;atomic observedGeneration:4:int64
CustomResourceDefinitionVersion name:1:string;req served:2:bool;req storage:3:bool;req deprecated:7:bool deprecationWarning:8:string;ptr schema:4:CustomResourceValidation;ptr subresources:5:CustomResourceSubresources;ptr additionalPrinterColumns:6:[]CustomResourceColumnDefinition;atomic selectableFields:9:[]SelectableField;atomic
CustomResourceSubresourceScale specReplicasPath:1:string;req statusReplicasPath:2:string;req labelSelectorPath:3:string;ptr
CustomResourceSubresourceStatus
CustomResourceSubresources status:1:CustomResourceSubresourceStatus;ptr scale:2:CustomResourceSubresourceScale;ptr
CustomResourceValidation openAPIV3Schema:1:JSONSchemaProps;ptr
ExternalDocumentation description:1:string url:2:string
JSON raw:1:bytes;req
JSONSchemaProps id:1:string $schema:2:string $ref:3:string;ptr description:4:string type:5:string format:6:string title:7:string default:8:JSON;ptr maximum:9:double;ptr exclusiveMaximum:10:bool minimum:11:double;ptr exclusiveMinimum:12:bool maxLength:13:int64;ptr minLength:14:int64;ptr pattern:15:string maxItems:16:int64;ptr minItems:17:int64;ptr uniqueItems:18:bool multipleOf:19:double;ptr enum:20:[]JSON;atomic maxProperties:21:int64;ptr minProperties:22:int64;ptr required:23:[]string;atomic items:24:JSONSchemaPropsOrArray;ptr allOf:25:[]JSONSchemaProps;atomic oneOf:26:[]JSONSchemaProps;atomic anyOf:27:[]JSONSchemaProps;atomic not:28:JSONSchemaProps;ptr properties:29:{}JSONSchemaProps additionalProperties:30:JSONSchemaPropsOrBool;ptr patternProperties:31:{}JSONSchemaProps dependencies:32:{}JSONSchemaPropsOrStringArray additionalItems:33:JSONSchemaPropsOrBool;ptr definitions:34:{}JSONSchemaProps externalDocs:35:ExternalDocumentation;ptr example:36:JSON;ptr nullable:37:bool x-kubernetes-preserve-unknown-fields:38:bool;ptr x-kubernetes-embedded-resource:39:bool x-kubernetes-int-or-string:40:bool x-kubernetes-list-map-keys:41:[]string;atomic x-kubernetes-list-type:42:string;ptr x-kubernetes-map-type:43:string;ptr x-kubernetes-validations:44:[]ValidationRule;map=rule;patch=merge,rule
JSONSchemaPropsOrArray schema:1:JSONSchemaProps;req jSONSchemas:2:[]JSONSchemaProps;req;atomic
JSONSchemaPropsOrBool allows:1:bool;req schema:2:JSONSchemaProps;req
JSONSchemaPropsOrStringArray schema:1:JSONSchemaProps;req property:2:[]string;req;atomic
SelectableField jsonPath:1:string;req
ServiceReference namespace:1:string;req name:2:string;req path:3:string;ptr port:4:int32;ptr
ValidationRule rule:1:string;req message:2:string messageExpression:3:string reason:4:string;ptr fieldPath:5:string optionalOldSelf:6:bool;ptr
WebhookClientConfig url:3:string;ptr service:1:ServiceReference;ptr caBundle:2:bytes
WebhookConversion clientConfig:2:WebhookClientConfig;ptr conversionReviewVersions:3:[]string;req;atomic
`;
