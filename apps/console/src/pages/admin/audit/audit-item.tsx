import type { AuditEventReply } from '@latchkey/contracts/auth-api';
import { Link } from 'wouter';
import { segment } from '../../../auth/api.js';
import { Age } from '../../../components/age.js';
import { Fact, Item } from '../../../components/item.js';
import { VisibleText } from '../../../text/visible-text.js';
import { admin } from '../../../texts/admin.js';
import type { Names } from './user-names.js';

const { audit: words } = admin;

export function AuditItem({ event, names }: { event: AuditEventReply; names: Names }) {
  const { at, subject, by, client, address } = event;
  return (
    <Item
      title={<VisibleText text={nameOf(event.event)} />}
      facts={
        <>
          <Age at={at} />
          {subject !== undefined && (
            <Fact name={words.fields.subject}>
              <User id={subject} names={names} />
            </Fact>
          )}
          {by !== undefined && (
            <Fact name={words.fields.by}>
              <User id={by} names={names} />
            </Fact>
          )}
          {client !== undefined && (
            <Fact name={words.fields.client}>
              <VisibleText text={client} />
            </Fact>
          )}
          {address !== undefined && (
            <Fact name={words.fields.address}>
              <VisibleText text={address} />
            </Fact>
          )}
          <Details event={event} />
        </>
      }
    />
  );
}

/** A later release of auth may have events that this page does not know. */
function nameOf(event: string): string {
  const known: Readonly<Record<string, string>> = words.events;
  return Object.hasOwn(known, event) ? (known[event] ?? event) : event;
}

function User({ id, names }: { id: string; names: Names }) {
  const name = names.get(id);
  if (name === undefined) return <VisibleText text={id} />;
  return (
    <Link to={`/admin/users/${segment(name)}`}>
      <VisibleText text={name} />
    </Link>
  );
}

/** The other fields of the event, as they are in the log. */
function Details({ event: { details, requestId } }: { event: AuditEventReply }) {
  const shown = {
    ...details,
    ...(requestId !== undefined && { [words.request]: requestId }),
  };
  if (Object.keys(shown).length === 0) return null;
  return (
    <details className="audit-details">
      <summary>{words.details}</summary>
      <dl>
        {Object.entries(shown).map(([name, value]) => (
          <div key={name}>
            <dt>
              <VisibleText text={name} />
            </dt>
            <dd className="mono">
              <VisibleText text={typeof value === 'string' ? value : JSON.stringify(value)} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
