import { live } from '../../texts/live.js';
import type { Actions } from './actions.js';
import { auth } from './calls/auth-calls.js';
import { endSession } from './session/end-session.js';
import type { SessionControls } from './session/use-session.js';
import type { Travels } from './travel/use-travels.js';
import { useAdministratorActions } from './use-administrator-actions.js';
import { useRun } from './use-run.js';

const { failure, actions } = live;

/** The actions on a session and on auth. */
export function useActions(controls: SessionControls, travels: Travels): Actions {
  const { session, logIn, refresh } = controls;
  const running = useRun();
  const { run, setNotice, busy, notice } = running;
  const { setDisabled, ...administration } = useAdministratorActions(running, controls, travels);
  return {
    ...{ busy, notice },
    ...administration,
    logIn: (account) =>
      run(account.username, failure.logIn(account.username), async () => {
        travels.clear();
        const failed = await logIn(account);
        // Perhaps this page has disabled the user, before it was loaded again.
        if (failed?.status === 401) setDisabled(account.username);
        return failed;
      }),
    logOut: (everywhere) =>
      run(everywhere ? 'everywhere' : 'log_out', failure.logOut(session?.username ?? ''), () =>
        endSession(controls, travels, everywhere ? 'log_out_everywhere' : 'log_out', (token) =>
          auth.logOut(token, everywhere),
        ),
      ),
    refresh: () =>
      run('refresh', failure.refresh, async () => {
        const failed = await refresh();
        if (!failed) setNotice({ tone: 'good', text: actions.refreshed });
        return failed;
      }),
  };
}
