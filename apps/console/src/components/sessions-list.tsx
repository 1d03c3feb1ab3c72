import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { account } from '../texts/account.js';
import { escaped } from '../text/escapes.js';
import { VisibleText } from '../text/visible-text.js';
import { Age } from './age.js';
import { deviceOf } from './device.js';
import { Fact, Item, Items, Tag } from './item.js';

export type SessionReply = SessionListReply['sessions'][number];

const { sessions: words } = account;

/** Live sessions with their device, place and last use. */
export function SessionsList(props: {
  sessions: readonly SessionReply[];
  onEnd: (session: SessionReply, device: string) => void;
}) {
  if (props.sessions.length === 0) return <p className="hint">{words.none}</p>;
  return (
    <Items label={words.title}>
      {props.sessions.map((session) => (
        <SessionItem key={session.sid} session={session} onEnd={props.onEnd} />
      ))}
    </Items>
  );
}

function SessionItem(props: {
  session: SessionReply;
  onEnd: (session: SessionReply, device: string) => void;
}) {
  const { session, onEnd } = props;
  const { name, userAgent } = deviceOf(session.userAgent);
  return (
    <Item
      title={
        <span title={userAgent && escaped(userAgent)}>
          <VisibleText text={name} />
        </span>
      }
      tags={session.current && <Tag tone="accent">{words.current}</Tag>}
      facts={
        <>
          <Fact name={words.lastUsed}>
            <Age at={session.lastUsedAt} />
          </Fact>
          <Fact name={words.place}>
            <VisibleText text={placeOf(session)} />
          </Fact>
          <Fact name={words.began}>
            <Age at={session.createdAt} />
          </Fact>
        </>
      }
      actions={
        <Button
          variant="default"
          size="xs"
          aria-label={words.endLabel(name)}
          onClick={() => onEnd(session, name)}
        >
          {words.end}
        </Button>
      }
    />
  );
}

/** Where it is used now, and where it began if that was elsewhere. */
function placeOf({ lastAddress, loginAddress }: SessionReply): string {
  const [last, first] = [lastAddress ?? loginAddress, loginAddress ?? lastAddress];
  if (last === null || first === null) return words.noPlace;
  return last === first ? last : words.moved(last, first);
}
