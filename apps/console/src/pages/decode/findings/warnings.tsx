import type { Judgement } from '@latchkey/inspector';
import { WarningIcon } from '../../../shell/icons.js';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';

/** What is allowed, but dangerous. */
export function Warnings({ judgement }: { judgement: Judgement }) {
  const { warnings } = judgement;
  if (warnings.length === 0) return null;
  return (
    <section className="warnings" aria-label={texts.findings.warnings}>
      <ul>
        {warnings.map(({ code, message }, index) => (
          <li key={index} data-warning={code}>
            <WarningIcon />
            <span>
              <VisibleText text={message} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
