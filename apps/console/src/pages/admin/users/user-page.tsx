import type { UserReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { useCallback } from 'react';
import { Link } from 'wouter';
import { read, revoke, segment } from '../../../auth/api.js';
import { useAct } from '../../../auth/use-act.js';
import { useLoaded } from '../../../auth/use-loaded.js';
import { Age } from '../../../components/age.js';
import { useAsked } from '../../../components/asked.js';
import { Fact, Tag, Tags } from '../../../components/item.js';
import { LoadedList } from '../../../components/loaded-list.js';
import { ProblemNote } from '../../../components/problem.js';
import { VisibleText } from '../../../text/visible-text.js';
import { admin } from '../../../texts/admin.js';
import { ResetPasswordPanel } from './reset-password-panel.js';
import { RolesPanel } from './roles-panel.js';
import type { UserActs } from './user-acts.js';
import { UserSessionsPanel } from './user-sessions-panel.js';

const { user: words, users } = admin;

/** One user with everything that can be done to it. */
export function UserPage({ username }: { username: string }) {
  const path = `admin/users/${segment(username)}`;
  const load = useCallback((signal: AbortSignal) => read<UserReply>(path, signal), [path]);
  const loaded = useLoaded(load);
  const { reload } = loaded;
  const { ask, say, notice, dialog } = useAsked(reload);
  return (
    <>
      <p className="back">
        <Link to="/admin/users">← {users.title}</Link>
      </p>
      {notice}
      <LoadedList loaded={loaded}>
        {(user) => <Panels user={user} path={path} reload={reload} ask={ask} say={say} />}
      </LoadedList>
      {dialog}
    </>
  );
}

/** The key makes the panel forget what was typed when the roles have changed. */
function Panels(acts: UserActs) {
  const { user, path } = acts;
  return (
    <div className="user">
      <StatePanel {...acts} />
      <RolesPanel key={user.roles.join()} {...acts} />
      <ResetPasswordPanel {...acts} />
      <UserSessionsPanel user={user} path={path} />
    </div>
  );
}

function StatePanel(acts: UserActs) {
  const { user } = acts;
  const { isRunning, error, run } = useAct();
  return (
    <section className="panel user-state">
      <div className="panel-head">
        <h2 className="user-name">
          <VisibleText text={user.username} />
        </h2>
        {user.disabled ? (
          <Button size="xs" loading={isRunning} onClick={() => void run(() => enable(acts))}>
            {words.enable}
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => askDisable(acts)}>
            {words.disable}
          </Button>
        )}
      </div>
      <ProblemNote error={error} />
      <Facts user={user} />
    </section>
  );
}

function askDisable({ user: { username }, path, ask }: UserActs): void {
  const { disable } = words.asked;
  ask(disable, disable.text(username), async () => {
    const published = await revoke('POST', `${path}/disable`);
    return `${disable.done(username)} ${published}`;
  });
}

async function enable({ user: { username }, path, reload, say }: UserActs): Promise<void> {
  await revoke('POST', `${path}/enable`);
  await reload();
  say(words.enabledNow(username));
}

function Facts({ user: { id, disabled, createdAt, scopes } }: { user: UserReply }) {
  return (
    <>
      <div className="item-facts">
        <Tag tone={disabled ? 'bad' : 'good'}>{disabled ? users.disabled : words.enabled}</Tag>
        <Fact name={users.created}>
          <Age at={createdAt} />
        </Fact>
        <Fact name={users.id}>
          <span className="mono">{id}</span>
        </Fact>
      </div>
      <div className="tags">
        <span className="hint">{words.scopes}</span>
        <Tags texts={scopes} none={words.noScopes} />
      </div>
    </>
  );
}
