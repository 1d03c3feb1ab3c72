import type { DecodedToken, Fault } from '@latchkey/inspector';
import { Button } from '@mantine/core';
import { texts } from '../../../texts.js';
import { VisibleText } from '../../../text/visible-text.js';

const { faults: words, segments } = texts.decode;
const MOST = 12;

/** The places where the token breaks a rule. */
export function Faults(props: {
  token: DecodedToken;
  onShow: ((offset: number, length: number) => void) | undefined;
}) {
  const { faults, kind } = props.token;
  if (faults.length === 0 || kind === 'empty') return null;
  return (
    <div className="faults">
      <h3 className="faults-title">{words.title}</h3>
      <ul>
        {faults.slice(0, MOST).map((fault, index) => (
          <li key={index} className={`fault fault-${fault.severity}`}>
            <p>
              <strong>{words[fault.severity]}:</strong> <VisibleText text={fault.message} />
            </p>
            <p className="hint">
              <VisibleText text={placeOf(fault)} />{' '}
              {props.onShow && (
                <Button
                  variant="light"
                  size="compact-xs"
                  onClick={() => props.onShow?.(fault.offset, fault.length)}
                >
                  {words.show}
                </Button>
              )}
            </p>
          </li>
        ))}
      </ul>
      {faults.length > MOST && <p className="hint">{words.more(faults.length - MOST)}</p>}
    </div>
  );
}

function placeOf({ segment, offset, json }: Fault): string {
  return [
    segment && words.segment(segments[segment]),
    words.character(offset),
    json && words.json(json.line, json.column),
    json?.pointer,
  ]
    .filter(Boolean)
    .join(' · ');
}
