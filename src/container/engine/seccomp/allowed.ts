/**
 * System calls that every container may make, whatever its capabilities: the set of Docker's default profile
 * (moby profiles/seccomp, June 2026, 361 names), in our own order. The kernel still checks permissions; what
 * is absent here is refused with EPERM before the kernel looks at it. Absent on purpose: io_uring (its requests
 * pass by seccomp), keyctl and add_key (keys are not namespaced), userfaultfd (holds the kernel still in
 * races), bpf, perf, kexec, modules, swap, the mount calls, setns and unshare.
 *
 * Names with 32, 64 and _time64 are the forms of 32-bit and of newer ABIs of the same call: a filter without them
 * breaks i386 programs on an amd64 kernel.
 */
export interface SystemCallGroup {
  readonly purpose: string;
  readonly names: readonly string[];
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const ALLOWED: readonly SystemCallGroup[] = [
  {
    purpose: 'start and end of processes and threads (clone has an argument filter, see conditional.ts)',
    names: words(`fork vfork execve execveat exit exit_group wait4 waitid waitpid set_tid_address
      get_robust_list set_robust_list rseq restart_syscall get_thread_area set_thread_area`),
  },
  {
    purpose: 'signals, and pidfds so that a signal cannot reach a stranger',
    names: words(`kill tkill tgkill pause alarm sigaltstack sigprocmask sigreturn signalfd signalfd4
      rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
      rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo pidfd_open pidfd_send_signal process_mrelease`),
  },
  {
    purpose: 'identity: users, groups, capabilities, sessions (bounded by the capability set)',
    names: words(`getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32
      getresuid getresuid32 getresgid getresgid32 getgroups getgroups32
      setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32
      setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32
      capget capset getpid getppid gettid getpgid getpgrp getsid setpgid setsid`),
  },
  {
    purpose: 'self-restriction: a program may always give rights away',
    names: words('prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self'),
  },
  {
    purpose: 'limits, accounting and priority',
    names: words(`getrlimit setrlimit ugetrlimit prlimit64 getrusage times sysinfo uname
      getpriority setpriority ioprio_get ioprio_set getcpu
      sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
      sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min
      sched_rr_get_interval sched_rr_get_interval_time64 sched_yield`),
  },
  {
    purpose: 'memory',
    names: words(`brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 munlock mlockall munlockall
      remap_file_pages memfd_create memfd_secret membarrier mseal
      pkey_alloc pkey_free pkey_mprotect map_shadow_stack`),
  },
  {
    purpose: 'open, close and duplicate',
    names: words(`open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 ioctl flock
      pipe pipe2 eventfd eventfd2 name_to_handle_at umask`),
  },
  {
    purpose: 'read and write',
    names: words(`read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek _llseek
      sendfile sendfile64 splice tee vmsplice copy_file_range readahead cachestat
      fadvise64 fadvise64_64 fallocate truncate truncate64 ftruncate ftruncate64
      sync fsync fdatasync syncfs sync_file_range`),
  },
  {
    purpose: 'asynchronous I/O of the old kind; io_uring stays out',
    names: words('io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64'),
  },
  {
    purpose: 'names, links and directories',
    names: words(`chdir fchdir getcwd getdents getdents64 mkdir mkdirat rmdir link linkat symlink symlinkat
      readlink readlinkat unlink unlinkat rename renameat renameat2 mknod mknodat`),
  },
  {
    purpose: 'attributes of files',
    names: words(`stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx
      statfs statfs64 fstatfs fstatfs64 access faccessat faccessat2
      chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32
      utime utimes futimesat utimensat utimensat_time64`),
  },
  {
    purpose: 'extended attributes',
    names: words(`getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
      listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat`),
  },
  {
    purpose: 'watching files and listing mounts (marking needs a descriptor of fanotify_init, which is guarded)',
    names: words(`inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark statmount listmount`),
  },
  {
    purpose: 'waiting for descriptors',
    names: words(`poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
      epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2`),
  },
  {
    purpose: 'sockets (creation has an argument filter; socketcall is how i386 libc reaches all of them)',
    names: words(`socketcall socketpair bind listen accept accept4 connect shutdown getsockname getpeername
      getsockopt setsockopt send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64`),
  },
  {
    purpose: 'System V and POSIX queues, semaphores and shared memory (namespaced)',
    names: words(`ipc msgget msgsnd msgrcv msgctl semget semop semctl semtimedop semtimedop_time64
      shmget shmat shmdt shmctl mq_open mq_unlink mq_notify mq_getsetattr
      mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64`),
  },
  {
    purpose: 'futexes',
    names: words('futex futex_time64 futex_wait futex_waitv futex_wake futex_requeue'),
  },
  {
    purpose: 'clocks and timers; setting the clock fails without CAP_SYS_TIME, reading it through adjtimex does not',
    names: words(`time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64
      clock_nanosleep clock_nanosleep_time64 nanosleep adjtimex clock_adjtime clock_adjtime64
      getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
      timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64
      timerfd_settime timerfd_settime64`),
  },
  {
    purpose: 'chance, and probes of the processor; uretprobe is a trampoline the kernel plants itself',
    names: words('getrandom riscv_hwprobe uretprobe'),
  },
];
