/** Work that ends. */
export const batch = `
CronJob: Starts a job again and again, by a schedule.
CronJobSpec: When jobs start, and what they do.
  schedule: When, in the five fields of cron, or as @hourly and the like.
  timeZone: Name of the time zone in which the schedule is read, such as Europe/Berlin. The controller's unless given.
  startingDeadlineSeconds: Seconds by which a start may be late; later ones are left out. No limit unless given.
  concurrencyPolicy: What if the last job still runs: Allow (default) both, Forbid the new one, or Replace the old one.
  suspend: Whether no new jobs start. Running ones go on. Default false.
  jobTemplate: The job to start.
  successfulJobsHistoryLimit: How many jobs that did well are kept. Default 3.
  failedJobsHistoryLimit: How many failed jobs are kept. Default 1.
CronJobStatus: What a cron job started.
  active: Jobs that run now.
  lastScheduleTime: When a job was last started.
  lastSuccessfulTime: When a job last ended well.
JobTemplateSpec: A pattern of jobs.
  metadata: Labels and annotations that each job gets.
  spec: What each job does.
Job: Runs pods until enough of them have ended well.
JobSpec: What a job does, and when it has done it or failed.
  parallelism: How many pods may run at the same time. Default 1.
  completions: How many pods must end well. Without it, one does, and parallelism says how many run.
  activeDeadlineSeconds: Seconds after its start at which the job is ended and has failed.
  podFailurePolicy: What failures of pods mean, by exit code or condition. Needs restartPolicy Never.
  successPolicy: When the job has succeeded although not all have. Only with completionMode Indexed.
  backoffLimit: How many failures there may be before the job has failed. Default 6, or no bound with backoffLimitPerIndex.
  backoffLimitPerIndex: The same for each index by itself. Only with Indexed and restartPolicy Never; immutable.
  maxFailedIndexes: How many indexes may fail before the job ends. Only with backoffLimitPerIndex.
  selector: Labels of its pods. Made by the system; best left out.
  manualSelector: Whether the selector was chosen by hand, and is not checked for being unique.
  template: The pods to run. Their restartPolicy is OnFailure or Never. Immutable, mostly.
  ttlSecondsAfterFinished: Seconds after its end at which the job is deleted. It stays unless given.
  completionMode: NonIndexed (default), or Indexed, where each pod has a number of its own. Immutable.
  suspend: Whether no pods run for now; those that do are ended. Default false.
  podReplacementPolicy: When a new pod is made: as soon as one is TerminatingOrFailed, or only once it has Failed.
  managedBy: Another controller that does the work. Immutable.
PodFailurePolicy: What failures of pods mean.
  rules: The first rule that matches counts; none means a failure as usual.
PodFailurePolicyRule: What to do about certain failures. One kind of demand is given.
  action: FailJob, FailIndex, Ignore (it doesn't count), or Count, as usual.
  onExitCodes: Exit codes that are meant.
  onPodConditions: Conditions of the pod that are meant: one of them suffices.
PodFailurePolicyOnExitCodesRequirement: Some exit codes.
  containerName: The container that is looked at. All unless given.
  operator: In means these, NotIn all but these and 0.
  values: Exit codes, at most 255, sorted. In has no 0.
PodFailurePolicyOnPodConditionsPattern: A condition of a pod.
  type: Its type, such as DisruptionTarget.
  status: Its status. Default True.
SuccessPolicy: When a job has succeeded although not all pods have.
  rules: The first rule that is met ends the job well.
SuccessPolicyRule: Which indexes must have succeeded. One or both are given.
  succeededIndexes: Indexes that must, as numbers and ranges: 1,3-5.
  succeededCount: How many must: of those indexes, where any are named.
JobStatus: How far a job is.
  conditions: Whether it is Suspended, Complete or Failed.
  startTime: When it began, or went on after it was suspended.
  completionTime: When it had succeeded. Only then.
  active: Number of pods that wait or run, and are not about to end.
  succeeded: Number of pods that ended well.
  failed: Number of pods that failed.
  terminating: Number of pods that are about to end.
  completedIndexes: Indexes that succeeded, as numbers and ranges: 1,3-5.
  failedIndexes: Indexes that failed for good, as numbers and ranges.
  uncountedTerminatedPods: Pods that ended and are about to be counted.
  ready: Number of running pods that are ready.
JobCondition < meta.Condition: One aspect of a job's state.
  lastProbeTime: When it was last looked at.
UncountedTerminatedPods: Pods that ended and are about to be counted: so each counts once.
  succeeded: Uids of those that ended well.
  failed: Uids of those that failed.
`;
