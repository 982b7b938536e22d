import { json, type Script } from '../step.ts';

const run = (...words: readonly string[]): readonly string[] => ['run', '--rm', ...words];
const shell = (flags: readonly string[], script: string): readonly string[] => run(...flags, 'IMAGE', 'sh', '-c', script);
const TMPFS = 'grep " /t " /proc/mounts | cut -d " " -f 3,4';

/** What HostConfig makes of a container, seen from inside. */
export const HOST_CONFIG_SCRIPTS: Readonly<Record<string, Script>> = {
  'limits of a process': [
    shell(['--ulimit', 'nofile=64:128', '--ulimit', 'core=0'], 'ulimit -Sn; ulimit -Hn; ulimit -c'),
    shell(['--ulimit', 'nproc=100'], 'ulimit -u 2>/dev/null; grep "Max processes" /proc/self/limits'),
    shell(['--oom-score-adj', '200'], 'cat /proc/self/oom_score_adj'),
    shell(['--shm-size', '3m'], 'df /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2'),
    shell(['--group-add', 'extra', '--group-add', '99'], 'id -G'),
    run('--ulimit', 'nosuch=1', 'IMAGE', 'true'),
    run('--ulimit', 'nofile=5:1', 'IMAGE', 'true'),
    run('--oom-score-adj', '2000', 'IMAGE', 'true'),
    run('--shm-size', '-1', 'IMAGE', 'true'),
  ],
  'an init process': [
    shell(['--init'], 'cat /proc/1/cmdline | tr "\\0" " "; exit 5'),
    run('--init', 'IMAGE', 'nosuch'),
    shell(['--init', '--pid', 'host'], 'cat /proc/self/cmdline | tr "\\0" " "'),
  ],
  'a root that is read-only': [
    shell(['--read-only'], 'touch /x; touch /etc/hosts; touch /dev/x; touch /tmp/x'),
    shell(['--read-only', '--tmpfs', '/t'], 'touch /t/x && echo fine'),
    shell(['--read-only', '-v', '/vol'], 'touch /vol/x && echo fine'),
  ],
  'memory file systems': [
    shell(['--tmpfs', '/t'], TMPFS),
    shell(['--tmpfs', '/t:size=1m,mode=700'], TMPFS),
    shell(['--tmpfs', '/t:exec,dev,suid'], TMPFS),
    shell(['--tmpfs', '/t:ro'], TMPFS),
    shell(['--mount', 'type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770'], TMPFS),
    run('--tmpfs', 't', 'IMAGE', 'true'),
    run('--mount', 'type=tmpfs,target=/t,source=/x', 'IMAGE', 'true'),
  ],
  'devices': [
    shell(['--device', '/dev/zero:/dev/nothing:r'], 'ls -l /dev/nothing | cut -d " " -f 1; head -c 2 /dev/nothing | wc -c'),
    shell(['--device', '/dev/net:/dev/other'], 'ls /dev/other'),
    run('--device', '/dev/nosuch', 'IMAGE', 'true'),
    run('--device', '/dev/zero:/dev/x:q', 'IMAGE', 'true'),
    shell([], 'mknod /d c 1 11 && head -c 1 /d'),
    run('--gpus', 'all', 'IMAGE', 'true'),
    run('--device', 'vendor.example/class=nosuch', 'IMAGE', 'true'),
  ],
  'namespaces of others': [
    ['run', '-d', '--name', 'NAME', '--ipc', 'shareable', 'IMAGE', 'sh', '-c', 'echo shared > /dev/shm/f; sleep 60'],
    run('--ipc', 'container:NAME', 'IMAGE', 'cat', '/dev/shm/f'),
    shell(['--pid', 'container:NAME'], 'ps -o args | grep -c "[s]leep 60"'),
    shell(['--ipc', 'none'], 'ls /dev/shm'),
    run('--ipc', 'container:nosuch', 'IMAGE', 'true'),
    run('--pid', 'container:nosuch', 'IMAGE', 'true'),
    run('--ipc', 'foo', 'IMAGE', 'true'),
    run('--userns', 'foo', 'IMAGE', 'true'),
    shell(['--uts', 'host'], 'hostname | wc -l'),
    run('--uts', 'host', '--hostname', 'x', 'IMAGE', 'true'),
  ],
  'updates': [
    ['run', '-d', '--name', 'NAME', '-m', '64m', 'IMAGE', 'sleep', '60'],
    ['update', '-m', '128m', 'NAME'],
    ['update', '-m', '128m', '--memory-swap', '256m', 'NAME'],
    ['exec', 'NAME', 'cat', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'],
    ['update', '--cpus', '0.5', 'NAME'],
    ['exec', 'NAME', 'cat', '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'],
    ['update', '--cpu-period', '50000', 'NAME'],
    ['update', '--pids-limit', '33', 'NAME'],
    ['exec', 'NAME', 'cat', '/sys/fs/cgroup/pids/pids.max'],
    ['update', '--restart', 'on-failure:3', 'NAME'],
    ['update', '-m', '1m', 'NAME'],
    ['update', '--restart', 'foo', 'NAME'],
    ['update', '-m', '64m', 'nosuch'],
    json('inspect', 'NAME'),
  ],
  'drivers of logs': [
    ['run', '--name', 'NAME', '--log-driver', 'local', '--log-opt', 'max-size=1m', 'IMAGE', 'echo', 'kept'],
    ['logs', 'NAME'],
    json('inspect', '-f', '{{json .HostConfig.LogConfig}}', 'NAME'),
    ['run', '--name', 'NAMEd', '--log-opt', 'labels=b,a', '--log-opt', 'env=X', '--log-opt', 'labels-regex=^c', '--log-opt', 'tag={{.Name}}/t', '--label', 'a=1 2', '--label', 'b=x=(y)', '--label', 'cc=3', '-e', 'X=q', '-e', 'Y=z', 'IMAGE', 'echo', 'told'],
    ['logs', '--details', 'NAMEd'],
    ['logs', '--details', 'NAME'],
    run('--log-opt', 'nosuch=1', 'IMAGE', 'true'),
    run('--log-driver', 'syslog', '--log-opt', 'syslog-address=http://x', 'IMAGE', 'true'),
    run('--log-driver', 'syslog', '--log-opt', 'syslog-facility=x', 'IMAGE', 'true'),
    run('--log-driver', 'none', 'IMAGE', 'echo', 'attached'),
  ],
};
