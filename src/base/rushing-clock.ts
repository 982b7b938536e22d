import { ManualClock } from './manual-clock.ts';

/** Time passes as fast as it is waited for. */
export class RushingClock extends ManualClock {
  readonly delays: number[] = [];

  override after(delayMs: number, callback: () => void): () => void {
    this.delays.push(delayMs);
    const cancel = super.after(delayMs, callback);
    void Promise.resolve().then(() => this.advance(delayMs));
    return cancel;
  }
}
