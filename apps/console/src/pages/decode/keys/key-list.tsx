import type { InspectorKey } from '@latchkey/inspector';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';
import type { ChosenKeys } from './use-keys.js';

const { keys: words, decode } = texts;
const MOST = 6;

/** The keys that were read, and what is remarkable about them. */
export function KeyList({
  keys,
  fitting,
}: {
  keys: ChosenKeys;
  fitting: InspectorKey | undefined;
}) {
  const { keys: all, notes } = keys;
  return (
    <>
      {all.length > 0 && (
        <ul className="key-list">
          {all.slice(0, MOST).map((key, index) => (
            <li key={index} className={key === fitting ? 'key key-fitting' : 'key'}>
              <VisibleText text={key.description} />
              <code className="key-id">
                {key.kid === undefined ? words.noKid : <VisibleText text={key.kid} />}
              </code>
              {key === fitting && <span className="tag tag-good">{words.fitting}</span>}
              {key.unusable !== undefined && (
                <span className="hint">
                  <VisibleText text={key.unusable} />
                </span>
              )}
            </li>
          ))}
          {all.length > MOST && <li className="hint">{decode.faults.more(all.length - MOST)}</li>}
        </ul>
      )}
      {notes.map(({ message, severity }) => (
        <p
          key={message}
          className={`note note-${severity}`}
          role={severity === 'error' ? 'alert' : undefined}
        >
          <VisibleText text={message} />
        </p>
      ))}
    </>
  );
}
