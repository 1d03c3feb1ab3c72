import { HistoryPanel } from './history/history-panel.js';
import { OutagePanel } from './outage/outage-panel.js';
import { troubleText } from './outage/trouble-text.js';
import { ReplicaGrid } from './replicas/replica-grid.js';
import { SessionPanel } from './session/session-panel.js';
import { hasArrived } from './travel/travel.js';
import { ResultLine } from './travel/result-line.js';
import type { Live } from './use-live.js';

/** The user on one side, and on the other what the system does. */
export function Stage({ live }: { live: Live }) {
  return (
    <div className="live-stage">
      <Side live={live} />
      <View live={live} />
    </div>
  );
}

function Side({ live }: { live: Live }) {
  const { stack, session, actions, chain, isLoading, isLoggedIn, travels } = live;
  return (
    <div className="live-side">
      <SessionPanel
        report={stack.report}
        session={session}
        actions={actions}
        onOrder={chain.order}
        isOrdering={chain.isOrdering}
        isLoading={isLoading}
        isRejected={travels.current !== undefined && hasArrived(travels.current)}
      />
      <OutagePanel
        control={stack.control}
        report={stack.report}
        isLoggedIn={isLoggedIn}
        onChange={stack.refresh}
      />
    </div>
  );
}

function View({ live }: { live: Live }) {
  const { travels, session, addresses, probes, views, isLoggedIn, repetition, actions } = live;
  const verifying = addresses.filter(({ route }) => route !== undefined);
  return (
    <div className="live-view">
      <ResultLine
        travel={travels.current}
        session={session}
        replicas={verifying}
        probes={probes}
        trouble={troubleText(views)}
      />
      <ReplicaGrid views={views} probes={probes} travel={travels.current} isLoggedIn={isLoggedIn} />
      <HistoryPanel
        travels={travels.past}
        replicas={verifying.map(({ name }) => name)}
        repeat={repetition}
        isBusy={actions.busy !== undefined || repetition?.done !== undefined}
        isLoggedIn={isLoggedIn}
      />
    </div>
  );
}
