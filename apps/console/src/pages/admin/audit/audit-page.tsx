import type { AuditListReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { useCallback, useState } from 'react';
import { read } from '../../../auth/api.js';
import { useLoaded } from '../../../auth/use-loaded.js';
import { Items } from '../../../components/item.js';
import { LoadedList } from '../../../components/loaded-list.js';
import { PageButtons, usePages } from '../../../components/pages.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import { AuditFilters } from './audit-filters.js';
import { AuditItem } from './audit-item.js';
import { namesOf, type Names } from './user-names.js';

const { audit: words } = admin;

interface AuditPageOf extends AuditListReply {
  /** Of the users in the events, by id. */
  readonly names: Names;
}

/** What happened, with filters, in pages. */
export function AuditPage() {
  const [filters, setFilters] = useState<Readonly<Record<string, string>>>({});
  const pages = usePages();
  const { after } = pages;
  const load = useCallback(
    async (signal: AbortSignal): Promise<AuditPageOf> => {
      const query = new URLSearchParams(filters);
      if (after !== undefined) query.set('after', after);
      const page = await read<AuditListReply>(`admin/audit?${query}`, signal);
      return { ...page, names: await namesOf(page.events, signal) };
    },
    [after, filters],
  );
  const loaded = useLoaded(load);
  return (
    <Panel
      title={words.title}
      aside={
        <Button variant="subtle" size="compact-sm" onClick={() => void loaded.reload()}>
          {admin.reload}
        </Button>
      }
    >
      <p className="hint">{words.lead}</p>
      <AuditFilters
        onFilter={(next) => {
          pages.first();
          setFilters(next);
        }}
      />
      <LoadedList loaded={loaded}>
        {({ events, names, next }) => (
          <>
            {events.length === 0 ? (
              <p className="hint">{words.none}</p>
            ) : (
              <Items label={words.title}>
                {events.map((event) => (
                  <AuditItem key={event.id} event={event} names={names} />
                ))}
              </Items>
            )}
            <PageButtons pages={pages} next={next} isBusy={loaded.isLoading} />
          </>
        )}
      </LoadedList>
    </Panel>
  );
}
