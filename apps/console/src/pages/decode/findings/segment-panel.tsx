import type { Explanation, JsonDocument, Segment } from '@latchkey/inspector';
import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Panel } from '../../../shell/panel.js';
import { texts } from '../../../texts.js';
import { Members } from './members.js';
import { RawJson } from './raw-json.js';

const { findings } = texts;
const VIEWS = [
  { value: 'explained', label: findings.explained },
  { value: 'json', label: findings.json },
];

/** A segment that is JSON: explained member by member, or as it is. */
export function SegmentPanel(props: {
  title: string;
  segment: Pick<Segment, 'name' | 'text' | 'json'>;
  explain: (name: string) => Explanation | undefined;
  onOpen: (token: string) => void;
  /** The token that the segment is as a whole. */
  nested?: string | undefined;
}) {
  const { title, segment, explain, onOpen, nested } = props;
  const { json: document, text = '' } = segment;
  const [chosen, setView] = useState<string>();
  const view = chosen ?? firstViewOf(document);
  const root = document?.root;
  const isObject = root?.type === 'object';
  return (
    <Panel
      title={title}
      className={`panel-${segment.name}`}
      aside={
        isObject && (
          <SegmentedControl
            size="xs"
            aria-label={findings.view}
            data={VIEWS}
            value={view}
            onChange={setView}
          />
        )
      }
    >
      {isObject && view === 'explained' ? (
        <Members members={root.members} explain={explain} onOpen={onOpen} />
      ) : (
        <>
          {nested !== undefined ? (
            <Button variant="light" size="compact-sm" onClick={() => onOpen(nested)}>
              {findings.openNested}
            </Button>
          ) : (
            document === undefined && <p className="hint">{findings.notJson}</p>
          )}
          <RawJson text={text} document={document} />
        </>
      )}
    </Panel>
  );
}

/** JSON that is broken is shown as it is, with the fault marked. */
const firstViewOf = (document: JsonDocument | undefined) =>
  document?.faults.some(({ severity }) => severity === 'error') ? 'json' : 'explained';
