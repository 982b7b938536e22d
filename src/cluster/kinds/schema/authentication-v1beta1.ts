// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const authenticationV1beta1 = `
ExtraValue items:1:[]string;req
SelfSubjectReview metadata:1:meta.v1.ObjectMeta status:2:SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo:1:authentication.v1.UserInfo
TokenReview metadata:1:meta.v1.ObjectMeta spec:2:TokenReviewSpec;req status:3:TokenReviewStatus
TokenReviewSpec token:1:string;req audiences:2:[]string;atomic
TokenReviewStatus authenticated:1:bool user:2:UserInfo audiences:4:[]string;atomic error:3:string
UserInfo username:1:string uid:2:string groups:3:[]string;atomic extra:4:{}ExtraValue
`;
