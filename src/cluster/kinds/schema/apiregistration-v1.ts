// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.
export const apiregistrationV1 = `
APIService metadata:1:meta.v1.ObjectMeta;req spec:2:APIServiceSpec status:3:APIServiceStatus
APIServiceCondition type:1:string;req status:2:string;req lastTransitionTime:3:meta.v1.Time reason:4:string message:5:string
APIServiceSpec service:1:ServiceReference;ptr group:2:string version:3:string insecureSkipTLSVerify:4:bool caBundle:5:bytes;atomic groupPriorityMinimum:7:int32;req versionPriority:8:int32;req
APIServiceStatus conditions:1:[]APIServiceCondition;map=type;patch=merge,type
ServiceReference namespace:1:string name:2:string port:3:int32;ptr
`;
