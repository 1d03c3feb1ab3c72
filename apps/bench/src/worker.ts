import { GROUPS, type GroupName } from './groups.js';
import type { Extent, Findings } from './group.js';

/** What the parent says to this process, and is told by it. */
export interface MeasureRequest {
  readonly type: 'measure';
  readonly group: GroupName;
  readonly extent: Extent;
}
export type MeasureReply =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'found'; readonly findings: Findings }
  | { readonly type: 'failed'; readonly reason: string };

const tell = (reply: MeasureReply) => process.send?.(reply);

process.on('message', ({ group, extent }: MeasureRequest) => {
  GROUPS[group]
    .measure(extent, (text) => tell({ type: 'progress', text }))
    .then((findings) => tell({ type: 'found', findings }))
    .catch((error: Error) => tell({ type: 'failed', reason: error.stack ?? error.message }));
});
process.on('disconnect', () => process.exit());
