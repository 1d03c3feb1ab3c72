import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { revoke } from '../../../auth/api.js';
import { useAct } from '../../../auth/use-act.js';
import { messageFor } from '../../../auth/field-messages.js';
import { NameField } from '../../../components/fields.js';
import { ProblemNote } from '../../../components/problem.js';
import { wordsOf } from '../../../text/words.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import type { UserActs } from './user-acts.js';

const { rolesPanel: words, asked } = admin.user;

/** Replaces the roles. Only taking one away is asked for, because it ends sessions. */
export function RolesPanel({ user, path, reload, ask, say }: UserActs) {
  const [text, setText] = useState(user.roles.join(' '));
  const { isRunning, error, run } = useAct();
  const roles = wordsOf(text.toLowerCase());
  const lost = user.roles.filter((role) => !roles.includes(role));

  const change = () => revoke('PUT', `${path}/roles`, { roles });
  const add = async () => {
    await change();
    await reload();
    say(words.done(user.username));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (lost.length === 0) return void run(add);
    const question = asked.roles.text(user.username, lost.join(', '));
    ask(asked.roles, question, async () => `${words.done(user.username)} ${await change()}`);
  };
  return (
    <Panel title={words.title}>
      <form onSubmit={submit} className="form">
        <NameField
          label={words.label}
          description={words.hint}
          value={text}
          onChange={setText}
          error={messageFor(error, '/roles')}
        />
        <ProblemNote error={error} />
        <Button type="submit" variant="default" loading={isRunning}>
          {words.submit}
        </Button>
      </form>
    </Panel>
  );
}
