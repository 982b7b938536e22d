import type { Hasher } from '#base/hasher.ts';
import type { Project } from '../model/project.ts';
import { Findings } from './findings.ts';
import { TakenNames } from './names.ts';

/** The bytes of a file of this machine; `directory` for one that is none, undefined where nothing is. */
export type ReadMounted = (path: string) => Uint8Array | 'directory' | undefined;

/** What the parts of one conversion share. */
export interface Conversion {
  readonly project: Project;
  readonly namespace: string;
  readonly findings: Findings;
  readonly names: TakenNames;
  readonly readMounted: ReadMounted;
  readonly hasher: Hasher;
}

/** The labels by which objects know what is the project's. */
export function labelsOf({ project }: Conversion, service?: string): Record<string, string> {
  return { 'com.docker.compose.project': project.name, ...(service === undefined ? {} : { 'com.docker.compose.service': service }) };
}

export function metadataOf(conversion: Conversion, name: string, service?: string): { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> } {
  return { name, namespace: conversion.namespace, labels: labelsOf(conversion, service) };
}
