/** What happened, as fronts tell it. */
export interface EngineEvent {
  readonly timeNs: bigint;
  readonly type: 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder';
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}
