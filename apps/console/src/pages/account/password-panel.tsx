import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { send } from '../../auth/api.js';
import { ApiError } from '../../auth/api-error.js';
import { useAct } from '../../auth/use-act.js';
import { PasswordField } from '../../components/fields.js';
import { useNotice } from '../../components/notice.js';
import { ProblemNote } from '../../components/problem.js';
import { Panel } from '../../shell/panel.js';
import { account } from '../../texts/account.js';

const { password: words } = account;
const EMPTY = { current: '', next: '', again: '' };

export function PasswordPanel({ onChanged }: { onChanged: () => Promise<void> }) {
  const [fields, setFields] = useState(EMPTY);
  const notice = useNotice();
  const { isRunning, error, run } = useAct();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const { current: currentPassword, next: newPassword, again } = fields;
      if (newPassword !== again)
        throw new ApiError([words.differs], 'differs', { again: words.differs });
      // The new refresh token is in the cookie, and the token that this tab holds stays valid.
      await send('POST', 'password', { currentPassword, newPassword });
      setFields(EMPTY);
      await onChanged();
      notice.say(words.done);
    });
  };
  const field = (name: keyof typeof EMPTY, pointer: string) => ({
    label: words[name],
    value: fields[name],
    onChange: (text: string) => setFields((before) => ({ ...before, [name]: text })),
    error: error?.fields[pointer],
  });
  return (
    <Panel title={words.title}>
      <form onSubmit={submit} className="form">
        <PasswordField {...field('current', '/currentPassword')} />
        <PasswordField {...field('next', '/newPassword')} description={words.hint} isNew />
        <PasswordField {...field('again', 'again')} isNew />
        <ProblemNote error={error} />
        {notice.element}
        <Button type="submit" variant="default" loading={isRunning}>
          {words.submit}
        </Button>
      </form>
    </Panel>
  );
}
