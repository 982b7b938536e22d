// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const imagepolicyV1alpha1 = `
ImageReview metadata:1:meta.v1.ObjectMeta spec:2:ImageReviewSpec status:3:ImageReviewStatus
ImageReviewContainerSpec image:1:string
ImageReviewSpec containers:1:[]ImageReviewContainerSpec;atomic annotations:2:{}string namespace:3:string
ImageReviewStatus allowed:1:bool reason:2:string auditAnnotations:3:{}string
`;
