import type { ClientReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { send } from '../../../auth/api.js';
import { useAct } from '../../../auth/use-act.js';
import { ProblemNote } from '../../../components/problem.js';
import { wordsOf } from '../../../text/words.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import type { ClientActs } from './client-acts.js';
import { exchangeOf, exchangeText } from './policy.js';
import { PolicyFields } from './policy-fields.js';

const { policy: words } = admin.client;

/** What a client may do. */
export function PolicyPanel({ client, path, reload, say }: ClientActs) {
  const [texts, setTexts] = useState({
    scopes: client.scopes.join(' '),
    exchange: exchangeText(client.exchange),
  });
  const { isRunning, error, run } = useAct();
  const isManaged = client.source === 'managed';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const body = { scopes: wordsOf(texts.scopes), exchange: exchangeOf(texts.exchange) };
      await send<ClientReply>('PATCH', path, body);
      await reload();
      say(words.done(client.clientId));
    });
  };
  return (
    <Panel title={words.title}>
      <form onSubmit={submit} className="form">
        <PolicyFields texts={texts} onChange={setTexts} error={error} readOnly={!isManaged} />
        <ProblemNote error={error} />
        {isManaged && (
          <>
            <p className="hint">{words.hint}</p>
            <Button type="submit" variant="default" loading={isRunning}>
              {words.submit}
            </Button>
          </>
        )}
      </form>
    </Panel>
  );
}
