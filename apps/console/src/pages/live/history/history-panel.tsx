import { Button } from '@mantine/core';
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { live } from '../../../texts/live.js';
import { Part } from '../part.js';
import type { Travel } from '../travel/travel.js';
import { DelayTable } from './delay-table.js';
import { pointsOf } from './points.js';
import { REPETITIONS } from './repetitions.js';
import type { Repetition } from './use-repetition.js';

const texts = live.history;

const loadPlot = () => import('./plot.js');
const Plot = lazy(loadPlot);

/** The last log-outs as a plot and as a table. */
export function HistoryPanel(props: {
  travels: readonly Travel[];
  /** The names of those that verify tokens. */
  replicas: readonly string[];
  /** Undefined where nobody may be logged in again and again. */
  repeat: Repetition | undefined;
  isBusy: boolean;
  /** Somebody may log out soon. */
  isLoggedIn: boolean;
}) {
  const { travels, replicas, repeat, isBusy, isLoggedIn } = props;
  const points = useMemo(() => pointsOf(travels), [travels]);
  useEffect(() => {
    // Before it is needed, because auth serves the code, and somebody may stop it.
    if (isLoggedIn) loadPlot().catch(reportError);
  }, [isLoggedIn]);
  return (
    <Part
      title={texts.title}
      className="live-history"
      aside={repeat && <Repeat {...repeat} isBusy={isBusy} />}
    >
      {repeat?.failure !== undefined && (
        <p role="alert" className="live-notice" data-tone="bad">
          {repeat.failure}
        </p>
      )}
      <p className="live-quiet">{texts.axis}</p>
      {points.length === 0 ? (
        <p className="live-plot live-plot-empty live-quiet">{texts.empty}</p>
      ) : (
        <Suspense
          fallback={<p className="live-plot live-plot-empty live-quiet">{texts.loading}</p>}
        >
          <Plot points={points} count={travels.length} />
        </Suspense>
      )}
      <DelayTable replicas={replicas} points={points} />
      <p className="live-quiet">{texts.measured}</p>
    </Part>
  );
}

function Repeat({ username, done, start, isBusy }: Repetition & { isBusy: boolean }) {
  return (
    <Button size="compact-md" variant="default" disabled={isBusy} onClick={start}>
      {done === undefined
        ? texts.repeat(REPETITIONS, username)
        : texts.repeating(done, REPETITIONS)}
    </Button>
  );
}
