import type { JsonDocument } from '@latchkey/inspector';
import { escaped } from '../../../text/escapes.js';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';

/** How much of a long text around a fault is shown. */
const AROUND_CHARACTERS = 600;

/** The decoded text: as it is if it is broken, with the first fault marked, and otherwise indented. */
export function RawJson({ text, document }: { text: string; document: JsonDocument | undefined }) {
  const fault = document?.faults.find(({ severity }) => severity === 'error');
  if (fault === undefined)
    return (
      <pre className="raw-json">
        <VisibleText text={document ? indented(document, text) : text} layout />
      </pre>
    );
  const { offset, length } = fault.position;
  const start = Math.max(0, offset - AROUND_CHARACTERS);
  const end = offset + Math.max(1, length);
  return (
    <pre className="raw-json">
      {start > 0 && '… '}
      <VisibleText text={text.slice(start, offset)} layout />
      <mark className="json-fault" title={escaped(fault.message)}>
        <VisibleText text={text.slice(offset, end) || texts.findings.noValue} />
      </mark>
      <VisibleText text={text.slice(end)} layout />
    </pre>
  );
}

/** Duplicate members and large numbers would be lost, so that such a text stays as it is. */
const indented = ({ value, faults }: JsonDocument, text: string) =>
  faults.length === 0 ? JSON.stringify(value, null, 2) : text;
