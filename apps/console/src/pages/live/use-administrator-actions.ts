import { useState } from 'react';
import { live } from '../../texts/live.js';
import { auth } from './calls/auth-calls.js';
import { textIn } from './calls/call.js';
import { asAdministrator } from './session/administrator.js';
import { endSession } from './session/end-session.js';
import { rotateWhenPublished } from './session/rotate-key.js';
import type { SessionControls } from './session/use-session.js';
import type { Travels } from './travel/use-travels.js';
import type { Actions } from './actions.js';
import type { Running } from './use-run.js';

const { failure, actions } = live;

type AdministratorActions = Pick<Actions, 'disabled' | 'rotate' | 'disable' | 'enable'>;

/** What needs the token of an administrator. */
export function useAdministratorActions(
  { run, setNotice }: Running,
  controls: SessionControls,
  travels: Travels,
): AdministratorActions & { readonly setDisabled: (username: string) => void } {
  const [disabled, setDisabled] = useState<string>();
  const waiting = (seconds: number) =>
    setNotice({ tone: 'good', text: actions.waitingForKey(seconds) });
  return {
    ...{ disabled, setDisabled },
    rotate: (administrator) =>
      run('rotate', failure.rotate, async () => {
        const answer = await asAdministrator(administrator, (token) =>
          rotateWhenPublished(token, waiting),
        );
        const keyId = textIn(answer, 'keyId');
        if (keyId === undefined) return answer;
        setNotice({ tone: 'good', text: actions.rotated(keyId) });
        return undefined;
      }),
    disable: (username, administrator) =>
      run('disable', failure.disable(username), async () => {
        // The time of the administrator's log-in does not count.
        const failed = await asAdministrator(administrator, (token) =>
          endSession(controls, travels, 'disabled', () => auth.disable(username, token)),
        );
        if (!failed) setDisabled(username);
        return failed;
      }),
    enable: (username, administrator) =>
      run('enable', failure.enable(username), async () => {
        const answer = await asAdministrator(administrator, (token) =>
          auth.enable(username, token),
        );
        if (answer.status !== 204) return answer;
        setDisabled(undefined);
        setNotice({ tone: 'good', text: actions.enabled(username) });
        return undefined;
      }),
  };
}
