import { bool, integer, list, map, nullable, optional, struct, text, type Decoded } from '../decode.ts';

export const MOUNT = struct('mount.Mount', {
  Type: optional(text),
  Source: optional(text),
  Target: optional(text),
  ReadOnly: optional(bool),
  Consistency: optional(text),
  BindOptions: optional(nullable(struct('mount.BindOptions', {
    Propagation: optional(text),
    NonRecursive: optional(bool),
    CreateMountpoint: optional(bool),
    ReadOnlyNonRecursive: optional(bool),
    ReadOnlyForceRecursive: optional(bool),
  }))),
  VolumeOptions: optional(nullable(struct('mount.VolumeOptions', {
    NoCopy: optional(bool),
    Labels: optional(map(text)),
    Subpath: optional(text),
    DriverConfig: optional(nullable(struct('mount.Driver', { Name: optional(text), Options: optional(map(text)) }))),
  }))),
  ImageOptions: optional(nullable(struct('mount.ImageOptions', { Subpath: optional(text) }))),
  TmpfsOptions: optional(nullable(struct('mount.TmpfsOptions', {
    SizeBytes: optional(integer()),
    Mode: optional(integer('uint32')),
    Options: optional(list(list(text))),
  }))),
});

export type MountRequest = Decoded<typeof MOUNT>;
