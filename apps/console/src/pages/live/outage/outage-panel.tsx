import type { StackPart, StackReport } from '@latchkey/contracts/live';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { live } from '../../../texts/live.js';
import type { ControlServer } from '../calls/control-server.js';
import { failureOf } from '../calls/failure.js';
import { Part } from '../part.js';
import { useClock } from '../use-clock.js';

const texts = live.outage;
const CONTROL = { server: 'npm start' };

/** Breaks and repairs parts of the local stack. */
export function OutagePanel(props: {
  control: ControlServer | undefined;
  report: StackReport | undefined;
  isLoggedIn: boolean;
  onChange: () => void;
}) {
  const { control, report, isLoggedIn, onChange } = props;
  const [failure, setFailure] = useState<string>();
  if (!control || !report)
    return (
      <Part title={texts.title} className="live-outage">
        <p className="live-quiet">{texts.none}</p>
      </Part>
    );
  const change = async ({ part, does, state }: StackPart) => {
    const isBroken = state === 'broken' || state === 'breaking';
    const answer = await (isBroken ? control.heal(part) : control.break(part));
    const what = (isBroken ? live.failure.heal : live.failure.break)(does);
    setFailure(answer.status === 202 ? undefined : failureOf(answer, what, CONTROL));
    onChange();
  };
  return (
    <Part title={texts.title} className="live-outage">
      <p>{texts.intro}</p>
      <p className="live-quiet">{isLoggedIn ? texts.asked : texts.notLoggedIn}</p>
      <ul className="live-parts">
        {report.parts.map((part) => (
          <PartRow
            key={part.part}
            part={part}
            isBusy={report.busy !== null}
            onChange={() => void change(part).catch(reportError)}
          />
        ))}
      </ul>
      <p className="live-notice" aria-live="polite" data-tone="bad">
        {failure ?? report.busy}
      </p>
    </Part>
  );
}

function PartRow({
  part,
  isBusy,
  onChange,
}: {
  part: StackPart;
  isBusy: boolean;
  onChange: () => void;
}) {
  const { does, state, problem, healsAtMilliseconds } = part;
  const isWorking = state === 'working' || state === 'healing';
  return (
    <li data-state={state}>
      <span className="live-part-name">{does}</span>
      <span className="live-part-state live-number">
        {state !== 'working' && texts.state[state]}
        {healsAtMilliseconds !== null && <HealsIn at={healsAtMilliseconds} />}
        {problem !== null && ` – ${problem}`}
      </span>
      <Button
        size="compact-sm"
        variant={isWorking ? 'default' : 'filled'}
        disabled={isBusy && isWorking}
        loading={state === 'breaking' || state === 'healing'}
        aria-label={`${isWorking ? texts.break : texts.heal}: ${does}`}
        onClick={onChange}
      >
        {isWorking ? texts.break : texts.heal}
      </Button>
    </li>
  );
}

function HealsIn({ at }: { at: number }) {
  useClock();
  return <>, {texts.healsIn(Math.max(0, Math.round((at - Date.now()) / 1_000)))}</>;
}
