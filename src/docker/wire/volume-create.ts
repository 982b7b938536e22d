import { map, nullable, struct, text } from '../decode.ts';

/** Body of `POST /volumes/create`. */
export const VOLUME_CREATE = struct('volume.CreateOptions', {
  Name: text, Driver: text, DriverOpts: map(text), Labels: map(text),
  /** Of a swarm: whatever it says, there is none. */
  ClusterVolumeSpec: nullable(struct('volume.ClusterVolumeSpec', {})),
});
