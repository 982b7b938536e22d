import { json, unordered, type Script } from '../step.ts';

const VERSION = '{{.Server.APIVersion}} {{.Server.MinAPIVersion}} {{.Server.Os}} {{.Server.Arch}} {{.Server.Experimental}} {{.Server.KernelVersion}}';
const OF_LIFE = ['create', 'start', 'kill', 'die', 'rename', 'destroy'].flatMap((event) => ['--filter', `event=${event}`]);
const INFO = '{{.OSType}} {{.Architecture}} {{.NCPU}} {{.MemTotal}} {{.KernelVersion}} {{.CgroupDriver}} {{.CgroupVersion}} {{.Name}} {{.LoggingDriver}} {{.Swarm.LocalNodeState}} {{.IndexServerAddress}} {{.MemoryLimit}} {{.SwapLimit}} {{.CPUShares}} {{.PidsLimit}} {{.IPv4Forwarding}} {{.OomKillDisable}} {{.InitBinary}} {{.Isolation}}';

export const READING_SCRIPTS: Readonly<Record<string, Script>> = {
  'version and info': [
    ['version', '-f', VERSION],
    ['version', '-f', '{{.Nope}}'],
    ['info', '-f', INFO],
    ['info', '-f', '{{json .SecurityOptions}} {{json .Warnings}} {{json .Plugins.Volume}} {{.LiveRestoreEnabled}}'],
    ['info', '-f', '{{json .RegistryConfig}}'],
  ],
  'volumes': [
    ['volume', 'create', '--label', 'a=b', 'NAME'],
    ['volume', 'create', '--label', 'a=b', 'NAME'],
    ['volume', 'create', 'bad/name'],
    ['volume', 'ls', '--filter', 'name=NAME'],
    ['volume', 'ls', '-q', '--filter', 'label=a=b', '--filter', 'name=NAME'],
    ['volume', 'ls', '-q', '--filter', 'dangling=true', '--filter', 'name=NAME'],
    ['volume', 'ls', '--filter', 'foo=bar'],
    json('volume', 'ls', '--filter', 'name=NAME', '--format', 'json'),
    json('volume', 'inspect', 'NAME'),
    ['volume', 'inspect', 'NAMEnone'],
    ['create', '--name', 'NAME', '-v', 'NAME:/data', 'IMAGE'],
    ['volume', 'ls', '-q', '--filter', 'dangling=true', '--filter', 'name=NAME'],
    ['volume', 'rm', 'NAME'],
    ['volume', 'rm', '-f', 'NAMEnone'],
    ['rm', 'NAME'],
    unordered('volume', 'rm', 'NAME', 'NAMEnone'),
    ['events', '--since', 'SINCE', '--until', 'NOW', '--filter', 'volume=NAME', '--format', '{{.Type}} {{.Action}} {{.Actor.ID}} {{json .Actor.Attributes}}'],
  ],
  'events': [
    ['run', '-d', '--name', 'NAME', '--label', 'l=m', 'IMAGE', 'sleep', '100'],
    ['kill', '-s', 'TERM', 'NAME'],
    ['kill', 'NAME'],
    ['wait', 'NAME'],
    ['rename', 'NAME', 'NAMEx'],
    ['rm', 'NAMEx'],
    ['run', '--rm', '--name', 'NAME', 'IMAGE', 'true'],
    ['events', '--since', 'SINCE', '--until', 'NOW', '--filter', 'container=NAME', ...OF_LIFE, '--format', '{{.Type}} {{.Action}} {{.Scope}} {{json .Actor.Attributes}}'],
    ['events', '--since', 'SINCE', '--until', 'NOW', '--filter', 'container=NAME', ...OF_LIFE],
    ['events', '--since', 'SINCE', '--until', 'NOW', '--filter', 'container=NAME', '--filter', 'event=attach'],
    json('events', '--since', 'SINCE', '--until', 'NOW', '--filter', 'container=NAME', '--filter', 'type=container', ...OF_LIFE, '--format', 'json'),
    ['events', '--since', 'SINCE', '--until', 'NOW', '--filter', 'label=l=m', '--filter', 'event=die', '--format', '{{.Action}}'],
    ['events', '--since', 'foo'],
  ],
  'a network event for each connect': [
    ['run', '--rm', '--name', 'NAME', 'IMAGE', 'true'],
    ['events', '--since', 'SINCE', '--until', 'NOW', '--filter', 'type=network', '--filter', 'container=NAME', '--format', '{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}}'],
  ],
};
