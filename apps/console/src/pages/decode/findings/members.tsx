import type { Explanation, JsonMember, JsonNode } from '@latchkey/inspector';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';
import { JsonValue } from './json-value.js';
import { TimeValue } from './time-value.js';

const FIRST_MEMBERS = 60;
const MORE_MEMBERS = 300;
const { findings } = texts;

/** The members of a header or of a claims set, each with what its name means. */
export function Members(props: {
  members: readonly JsonMember[];
  explain: (name: string) => Explanation | undefined;
  onOpen: (token: string) => void;
}) {
  const { members, explain, onOpen } = props;
  const [shown, setShown] = useState(FIRST_MEMBERS);
  const hidden = members.length - shown;
  if (members.length === 0) return <p className="hint">{findings.noMembers}</p>;
  return (
    <>
      <dl className="members">
        {members.slice(0, shown).map((member) => (
          <Member
            key={member.nameStart}
            member={member}
            explanation={explain(member.name)}
            onOpen={onOpen}
          />
        ))}
      </dl>
      {hidden > 0 && (
        <Button
          variant="light"
          size="compact-sm"
          onClick={() => setShown((count) => count + MORE_MEMBERS)}
        >
          {findings.moreMembers(hidden)}
        </Button>
      )}
    </>
  );
}

function Member(props: {
  member: JsonMember;
  explanation: Explanation | undefined;
  onOpen: (token: string) => void;
}) {
  const { member, explanation, onOpen } = props;
  const { name, value, duplicate } = member;
  return (
    <div className="member">
      <dt className="member-name">
        <VisibleText text={name} />
        {duplicate && <span className="tag tag-bad">{findings.duplicate}</span>}
      </dt>
      <dd className="member-value">
        <Value node={value} isTime={explanation?.isTime === true} onOpen={onOpen} />
        {explanation && (
          <p className="member-meaning">
            {explanation.meaning} <span className="reference">{explanation.reference}</span>
          </p>
        )}
      </dd>
    </div>
  );
}

function Value(props: {
  node: JsonNode | undefined;
  isTime: boolean;
  onOpen: (token: string) => void;
}) {
  const { node, isTime, onOpen } = props;
  if (node === undefined) return <span className="tag tag-bad">{findings.noValue}</span>;
  if (isTime && node.type === 'number')
    return <TimeValue seconds={node.value} source={node.source} />;
  return <JsonValue node={node} onOpen={onOpen} />;
}
