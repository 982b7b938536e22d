import { progressLine } from '#base/progress-line.ts';
import type { TransferStep } from '#container/engine/transfer.ts';
import { progressMessage } from '../progress.ts';

/** Wide enough for a bar: who shows it cuts it to the terminal. */
const COLUMNS = 200;

/** One message of a pull's or push's stream, field by field as Docker sends it. */
export function renderTransfer(step: TransferStep): string {
  switch (step.kind) {
    case 'message': return progressMessage({ status: step.text, ...(step.id === undefined ? {} : { id: step.id }) });
    case 'pushed': return progressMessage({ progressDetail: {}, aux: { Tag: step.tag, Digest: step.digest, Size: step.size } });
    case 'layer': {
      const { id, status, current, total } = step;
      if (current === undefined) return progressMessage({ status, progressDetail: {}, id });
      const detail = { current, ...(total === undefined ? {} : { total }) };
      return progressMessage({ status, progressDetail: detail, progress: progressLine(detail, COLUMNS), id });
    }
  }
}
