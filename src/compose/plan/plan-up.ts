import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { fileMounts, isBound } from '../lower/lower-mounts.ts';
import { lowerService } from '../lower/lower-service.ts';
import { containerName, imageName, type Separator } from '../lower/names.ts';
import { dependenciesOf, scaleOf, type Project } from '../model/project.ts';
import { startOrder } from '../model/select.ts';
import type { Service } from '../model/service-kind.ts';
import { serviceHash } from '../model/service-hash.ts';
import { divergence, sharedServices } from './divergence.ts';
import type { Observation, ObservedContainer } from './observe.ts';
import { PlanBuilder, type Plan } from './plan.ts';
import { planResources, type PlannedResources } from './plan-resources.ts';
import type { Condition, CopiedFile } from './step.ts';
import { isUp, planStopOf } from './stop-container.ts';

export type Recreate = 'diverged' | 'force' | 'never';

export interface UpOptions {
  readonly recreate: (service: string) => Recreate;
  readonly removeOrphans: boolean;
  readonly ignoreOrphans: boolean;
  /** `-V`: anonymous volumes are made anew instead of taken over. */
  readonly renewVolumes: boolean;
  /** False for `create`: nothing is started. */
  readonly start: boolean;
  /** `--wait`: until everything runs, and is healthy where it can say so. */
  readonly wait: boolean;
  readonly waitSeconds?: number;
  readonly timeoutSeconds: number | undefined;
  readonly separator: Separator;
  /** Leave containers alone that are more than the scale asks for: a single command is run beside them. */
  readonly keepSurplus?: boolean;
}

/** What has to be done so that a project runs as its files say. Nothing, when it does. Services of providers are left out before: `withProvided`. */
export function planUp(project: Project, observed: Observation, options: UpOptions, hasher: Hasher, contents: FileContents): Plan {
  return new UpPlanner(project, observed, options, hasher, contents).plan();
}

/** The content of a secret's or config's file, which is copied when it has an owner or a mode of its own. */
export type FileContents = (path: string) => string;

interface Planned {
  readonly name: string;
  /** Takes the place of the one that it replaces once it runs: `order: start-first`. */
  readonly takeOver?: { readonly old: ObservedContainer; readonly name: string; readonly cause: string };
  /** Steps after which the container is there under its name. */
  readonly ready: readonly number[];
  readonly running: boolean;
}

class UpPlanner {
  readonly #builder = new PlanBuilder();
  readonly #project: Project;
  readonly #observed: Observation;
  readonly #options: UpOptions;
  readonly #hasher: Hasher;
  readonly #contents: FileContents;
  readonly #containers = new Map<string, readonly Planned[]>();
  readonly #started = new Map<string, readonly number[]>();
  readonly #waits = new Map<string, number>();
  /** Services of which a container is replaced. */
  readonly #replaced = new Set<string>();
  #resources: PlannedResources = { steps: new Map(), evicted: new Set() };

  constructor(project: Project, observed: Observation, options: UpOptions, hasher: Hasher, contents: FileContents) {
    this.#project = project;
    this.#observed = observed;
    this.#options = options;
    this.#hasher = hasher;
    this.#contents = contents;
  }

  plan(): Plan {
    this.#resources = planResources(this.#builder, this.#project, this.#observed, this.#hasher, (container, cause) => this.#remove(container, cause));
    this.#planOrphans();
    const order = startOrder(this.#project);
    for (const name of order) this.#planService(name, this.#project.services.get(name) as Service);
    if (this.#options.start) for (const name of order) this.#planStart(name, this.#project.services.get(name) as Service);
    if (this.#options.start && this.#options.wait) for (const name of order) this.#wait(name, 'running_or_healthy', true, this.#started.get(name) ?? []);
    return this.#builder.build();
  }

  #planOrphans(): void {
    const orphans = this.#observed.containers.filter(({ service, oneOff }) => !oneOff && !this.#project.services.has(service) && !this.#project.disabled.has(service));
    if (orphans.length === 0) return;
    if (this.#options.removeOrphans) for (const orphan of orphans) this.#remove(orphan, 'its service is not in the compose file');
    else if (!this.#options.ignoreOrphans) {
      this.#builder.warn(`Found orphan containers (${orphans.map(({ name }) => name).join(', ')}) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`);
    }
  }

  #remove(container: ObservedContainer, cause: string): number {
    const { id, name, service } = container;
    const stopped = isUp(container) ? [this.#stop(container, cause, [])] : [];
    return this.#builder.add({ kind: 'remove-container', service, container: name, id, volumes: false, force: false }, cause, stopped);
  }

  #stop(container: ObservedContainer, cause: string, after: readonly number[]): number {
    return planStopOf(this.#builder, container, { timeoutSeconds: this.#options.timeoutSeconds, project: this.#project }, cause, after);
  }

  #planService(name: string, config: Service): void {
    const hash = serviceHash(config, this.#hasher);
    const all = this.#observed.containers.filter((container) => container.service === name && !container.oneOff && !this.#resources.evicted.has(container.id));
    const wanted = scaleOf(config);
    const planned = all.slice(0, wanted).map((container) => this.#planPresent(name, config, hash, container));
    if (this.#options.keepSurplus !== true) for (const surplus of all.slice(wanted)) this.#remove(surplus, `${wanted} container${wanted === 1 ? '' : 's'} of the service ${wanted === 1 ? 'is' : 'are'} wanted`);
    const highest = Math.max(0, ...all.map(({ number }) => number));
    for (let count = planned.length, number = highest + 1; count < wanted; count++, number++) planned.push(this.#planMissing(name, config, hash, number));
    this.#containers.set(name, planned);
  }

  #planPresent(service: string, config: Service, hash: string, container: ObservedContainer): Planned {
    const cause = this.#whyReplace(service, config, hash, container);
    if (cause === undefined) return { name: container.name, ready: [], running: container.state === 'running' };
    this.#replaced.add(service);
    const name = containerName(this.#project.name, service, config, container.number, this.#options.separator);
    const temporary = `${container.id.slice(0, 12)}_${name}`;
    const created = this.#create(service, config, hash, container.number, temporary, cause, container);
    if (this.#startsFirst(service, config)) return { name: temporary, ready: [created], running: false, takeOver: { old: container, name, cause } };
    const removed = this.#afterNew(container, cause, created);
    return { name, ready: [this.#builder.add({ kind: 'rename-container', service, container: temporary, name }, cause, [removed])], running: false };
  }

  /** Two of them run side by side for a moment, which a port of this machine or a part of another service can't. */
  #startsFirst(service: string, config: Service): boolean {
    if (config.deploy?.update_config?.order !== 'start-first' || !this.#options.start) return false;
    const fixed = (config.ports ?? []).some(({ published = '' }) => published !== '' && !published.includes('-'));
    const shared = [...this.#project.services.values()].some((other) => sharedServices(other).includes(service));
    if (fixed || shared) this.#builder.warn(`service ${service} stops before its new container starts: ${fixed ? 'a port of this machine has room for one' : 'another service shares its namespaces or volumes'}`);
    return !fixed && !shared;
  }

  /** The old container stops when the new one is made: a failure to make it costs no service. */
  #afterNew(container: ObservedContainer, cause: string, created: number): number {
    const { id, name, service } = container;
    const stopped = isUp(container) ? [this.#stop(container, cause, [created])] : [created];
    return this.#builder.add({ kind: 'remove-container', service, container: name, id, volumes: this.#options.renewVolumes, force: false }, cause, stopped);
  }

  #whyReplace(service: string, config: Service, hash: string, container: ObservedContainer): string | undefined {
    const recreate = this.#options.recreate(service);
    if (recreate === 'never') return undefined;
    const shared = sharedServices(config).find((other) => this.#replaced.has(other));
    if (shared !== undefined) return `${shared}, of which it shares something, is replaced`;
    if (recreate === 'force') return 'it was asked for';
    return divergence(this.#project, service, config, hash, container, this.#observed);
  }

  #planMissing(service: string, config: Service, hash: string, number: number): Planned {
    const name = containerName(this.#project.name, service, config, number, this.#options.separator);
    return { name, ready: [this.#create(service, config, hash, number, name, 'there is no such container', undefined)], running: false };
  }

  #create(service: string, config: Service, hash: string, number: number, name: string, cause: string, old: ObservedContainer | undefined): number {
    const project = this.#project;
    const final = containerName(project.name, service, config, number, this.#options.separator);
    const request = lowerService(project, {
      service, config, number, hash, name: final, oneOff: false, containerOf: (other) => this.#containerOf(other),
      imageId: this.#observed.images.get(imageName(project, service, config)) ?? '',
      ...(old === undefined ? {} : { replaces: old.name }),
      inherited: old === undefined || this.#options.renewVolumes ? [] : old.volumes,
    });
    const after = [
      ...[...(config.networks ?? new Map()).keys()].flatMap((key) => this.#resources.steps.get(project.networks.get(key)?.name ?? key) ?? []),
      ...(config.volumes ?? []).flatMap(({ source = '' }) => this.#resources.steps.get(project.volumes.get(source)?.name ?? source) ?? []),
      ...sharedServices(config).flatMap((other) => this.#containers.get(other)?.flatMap(({ ready }) => ready) ?? []),
    ];
    return this.#builder.add({ kind: 'create-container', service, name, platform: config.platform ?? '', request, files: this.#files(config) }, cause, after);
  }

  #containerOf(service: string): string {
    const name = this.#containers.get(service)?.[0]?.name;
    if (name === undefined) throw new GantryError('invalid', `service ${service} has no container to share with`, { subject: `service ${service}`, hint: 'its scale is 0' });
    return name;
  }

  #files(config: Service): CopiedFile[] {
    return fileMounts(this.#project, config).filter((placed) => !isBound(placed) && placed.object.external !== true).map(({ target, mount, object }) => ({
      target, mode: mount.mode ?? 0o444, uid: Number(mount.uid ?? 0), gid: Number(mount.gid ?? 0),
      content: object.file !== undefined ? this.#contents(object.file) : object.content ?? '',
    }));
  }

  #planStart(service: string, config: Service): void {
    const planned = this.#containers.get(service) ?? [];
    const asked = planned.filter(({ running }) => !running);
    const dependencies = asked.length === 0 ? [] : this.#dependencies(service, config);
    const steps = asked.flatMap(({ name, ready, takeOver }) => {
      const started = this.#startOne(service, config, name, [...ready, ...dependencies]);
      return takeOver === undefined ? started : this.#takeOver(service, config, name, started, takeOver);
    });
    const restarted = [...dependenciesOf(config)].filter(([other, { restart }]) => restart === true && this.#replaced.has(other)).map(([other]) => other);
    const again = restarted.length === 0 ? [] : planned.filter(({ running }) => running).map(({ name }) => this.#builder.add(
      { kind: 'restart-container', service, container: name, timeoutSeconds: this.#options.timeoutSeconds }, `${restarted[0]}, on which it depends, was replaced`, restarted.flatMap((other) => this.#started.get(other) ?? []),
    ));
    this.#started.set(service, [...steps, ...again]);
  }

  #startOne(service: string, config: Service, container: string, after: readonly number[]): number[] {
    const started = this.#builder.add({ kind: 'start-container', service, container }, after.length === 0 ? 'it does not run' : 'all that it needs is there', after);
    return (config.post_start ?? []).reduce<number[]>(([before = started], hook) => [this.#builder.add({ kind: 'run-hook', service, container, hook }, 'post_start', [before])], [started]);
  }

  #takeOver(service: string, config: Service, container: string, started: readonly number[], { old, name, cause }: NonNullable<Planned['takeOver']>): number[] {
    const checked = (config.healthcheck?.test ?? []).length > 0 && config.healthcheck?.disable !== true;
    const ready = checked ? [this.#builder.add({ kind: 'wait-for', service, containers: [container], condition: 'service_healthy', required: true }, 'order: start-first', started)] : started;
    const removed = this.#afterNew(old, cause, ready.at(-1) as number);
    return [this.#builder.add({ kind: 'rename-container', service, container, name }, cause, [removed])];
  }

  /** Steps after which the service's dependencies are as far as it needs them. */
  #dependencies(service: string, config: Service): number[] {
    return [...dependenciesOf(config)].flatMap(([other, { condition = 'service_started', required }]) => {
      const started = this.#started.get(other) ?? [];
      if (!this.#project.services.has(other)) return [];
      if (condition === 'service_started') return started;
      return this.#wait(other, condition as Condition, required !== false, started, service);
    });
  }

  #wait(service: string, condition: Condition, required: boolean, after: readonly number[], waiting?: string): number[] {
    const containers = (this.#containers.get(service) ?? []).map(({ name, takeOver }) => takeOver?.name ?? name);
    if (containers.length === 0) return [];
    const key = `${service} ${condition} ${required}`;
    const known = this.#waits.get(key);
    if (known !== undefined) return [known];
    const cause = waiting === undefined ? '--wait' : `${waiting} depends on it`;
    const { waitSeconds } = this.#options;
    const limit = condition === 'running_or_healthy' && waitSeconds !== undefined ? { timeoutSeconds: waitSeconds } : {};
    const id = this.#builder.add({ kind: 'wait-for', service, containers, condition, required, ...limit }, cause, after);
    this.#waits.set(key, id);
    return [id];
  }
}

