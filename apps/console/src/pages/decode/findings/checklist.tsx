import type { Check, CheckState, Judgement } from '@latchkey/inspector';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { CheckIcon, CrossIcon, DashIcon } from '../../../shell/icons.js';
import { Panel } from '../../../shell/panel.js';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';

const { findings } = texts;
const ORDER: readonly CheckState[] = ['failed', 'passed', 'not_checked'];
const ICONS = { passed: CheckIcon, failed: CrossIcon, not_checked: DashIcon };

/** Every rule with what was found. Those that failed come first. */
export function Checklist({ judgement }: { judgement: Judgement }) {
  const [isExplained, setExplained] = useState(false);
  const of = (state: CheckState) => judgement.checks.filter((check) => check.state === state);
  const counts = findings.counts(
    of('passed').length,
    of('failed').length,
    of('not_checked').length,
  );
  return (
    <Panel title={findings.checks} aside={<span className="hint">{counts}</span>}>
      <ul className="checks">
        {ORDER.flatMap(of).map((check) => (
          <Rule key={check.rule} check={check} isExplained={isExplained} />
        ))}
      </ul>
      <Button variant="subtle" size="compact-sm" onClick={() => setExplained(!isExplained)}>
        {isExplained ? findings.hideWhy : findings.showWhy}
      </Button>
    </Panel>
  );
}

/** Those that failed say why they matter; the others on demand. */
function Rule({ check, isExplained }: { check: Check; isExplained: boolean }) {
  const { rule, state, title, what, why, reference } = check;
  const StateIcon = ICONS[state];
  return (
    <li className={`check check-${state}`} data-rule={rule} data-state={state}>
      <span className="check-icon" title={findings.states[state]}>
        <StateIcon />
        <span className="visually-hidden">{findings.states[state]}: </span>
      </span>
      <div>
        <p className="check-what">
          <strong>{title}.</strong> <VisibleText text={what} />
        </p>
        {(isExplained || state === 'failed') && (
          <p className="check-why">
            {why} <span className="reference">{reference}</span>
          </p>
        )}
      </div>
    </li>
  );
}
