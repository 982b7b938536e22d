// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const authenticationV1alpha1 = `
SelfSubjectReview metadata:1:meta.v1.ObjectMeta status:2:SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo:1:authentication.v1.UserInfo
`;
