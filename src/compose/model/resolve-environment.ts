import { GantryError } from '#base/error.ts';
import { parseDotenv } from '../dotenv/dotenv.ts';
import type { ProjectFiles } from '../load/project-files.ts';
import type { Project } from './project.ts';
import type { Service } from './service-kind.ts';

/** The project with the variables of env files and of the environment in its services. */
export function withServiceEnvironment(project: Project, files: ProjectFiles, discardFiles: boolean): Project {
  return mapServices(project, (name, service) => {
    const own = new Map([...(service.environment ?? [])].map(([key, value]) => [key, value ?? project.environment.get(key) ?? null]));
    const known = new Map<string, string>([...own].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])));
    for (const { path, required, format } of service.env_file ?? []) {
      if (format !== undefined && format !== '.env' && format !== 'raw') throw new GantryError('invalid', `unsupported env_file format "${format}"`, { subject: `service ${name}`, hint: 'leave format out, or write raw' });
      const text = files.read(path);
      if (text === undefined && required) throw new GantryError('invalid', `env file ${path} not found: stat ${path}: no such file or directory`, { subject: `service ${name}`, hint: 'create it, or write required: false' });
      if (text === undefined) continue;
      if (format === 'raw') readRaw(text, known);
      else parseDotenv(text, known, { name: path, lookup: (key) => project.environment.get(key) ?? own.get(key) ?? undefined });
    }
    const environment = new Map<string, string | null>([...known, ...own]);
    const { env_file, ...rest } = service;
    return { ...rest, ...(discardFiles || env_file === undefined ? {} : { env_file }), ...(environment.size === 0 ? {} : { environment }) };
  });
}

/** `format: raw`: a line is NAME=value, and nothing in it is read as anything else. */
function readRaw(text: string, into: Map<string, string>): void {
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) into.set(line.slice(0, at).trim(), line.slice(at + 1));
  }
}

/** The project with the labels of label files in its services. */
export function withServiceLabels(project: Project, files: ProjectFiles, discardFiles: boolean): Project {
  return mapServices(project, (name, service) => {
    const labels = new Map<string, string>();
    for (const path of service.label_file ?? []) {
      const text = files.read(path);
      if (text === undefined) throw new GantryError('invalid', `label file ${path} not found: stat ${path}: no such file or directory`, { subject: `service ${name}`, hint: 'create it, or correct the path' });
      parseDotenv(text, labels, { name: path, lookup: (key) => labels.get(key) });
    }
    for (const [key, value] of service.labels ?? []) labels.set(key, value);
    const { label_file, labels: _own, ...rest } = service;
    return { ...rest, ...(discardFiles || label_file === undefined ? {} : { label_file }), ...(labels.size === 0 ? {} : { labels }) };
  });
}

function mapServices(project: Project, change: (name: string, service: Service) => Service): Project {
  return { ...project, services: new Map([...project.services].map(([name, service]) => [name, change(name, service)])) };
}
