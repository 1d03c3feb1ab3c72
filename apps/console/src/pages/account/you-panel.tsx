import type { AccountReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { logOut } from '../../auth/api.js';
import type { Loaded } from '../../auth/use-loaded.js';
import { useAct } from '../../auth/use-act.js';
import { Age } from '../../components/age.js';
import { Tags } from '../../components/item.js';
import { LoadedList } from '../../components/loaded-list.js';
import { ProblemNote } from '../../components/problem.js';
import { Panel } from '../../shell/panel.js';
import { VisibleText } from '../../text/visible-text.js';
import { account } from '../../texts/account.js';

const { you } = account;

/** Who is logged in, and with which rights. */
export function YouPanel(props: {
  loaded: Loaded<AccountReply>;
  /** Gets a sentence about it. */
  onLoggedOut: (done: string) => void;
}) {
  const { loaded, onLoggedOut } = props;
  const { isRunning, error, run } = useAct();
  const end = async () => onLoggedOut(`${you.loggedOut} ${await logOut(false)}`);
  return (
    <Panel
      title={you.title}
      aside={
        <Button size="xs" loading={isRunning} onClick={() => void run(end)}>
          {you.logOut}
        </Button>
      }
    >
      <ProblemNote error={error} />
      <div className="you">
        <LoadedList loaded={loaded}>
          {({ id, username, roles, scopes, createdAt }) => (
            <>
              <p className="you-name">
                <VisibleText text={username} />
              </p>
              <dl className="you-facts">
                <Named name={you.roles}>
                  <Tags texts={roles} none={you.noRoles} tone="accent" />
                </Named>
                <Named name={you.scopes}>
                  <Tags texts={scopes} none={you.noScopes} />
                </Named>
                <Named name={you.since}>
                  <Age at={createdAt} />
                </Named>
                <Named name={you.id}>
                  <span className="mono small">{id}</span>
                </Named>
              </dl>
            </>
          )}
        </LoadedList>
      </div>
    </Panel>
  );
}

const Named = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
