import type { StackReport } from '@latchkey/contracts/live';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { controlAddress } from '../../control/control-address.js';
import { ControlServer } from './calls/control-server.js';

const EVERY_MILLISECONDS = 1_500;

/** What is known of the local stack. */
export interface StackState {
  /** Undefined without a control server, as in a deployment. */
  readonly control: ControlServer | undefined;
  /** The last report; undefined before the first. */
  readonly report: StackReport | undefined;
  /** Whether the control server did not answer lately, or did not accept the key. */
  readonly failure: 'wrong_key' | 'unreachable' | undefined;
  /** Asks again soon, as after a change. */
  readonly refresh: () => void;
}

/** Asks the control server of `npm start` for the state of the stack. */
export function useStack(): StackState {
  const control = useMemo(() => {
    const address = controlAddress();
    return address && new ControlServer(address);
  }, []);
  const [report, setReport] = useState<StackReport>();
  const [failure, setFailure] = useState<StackState['failure']>();
  const ask = useCallback(async () => {
    const answer = await control?.stack();
    if (!answer) return;
    if (answer.status === 200) setReport((known) => same(known, answer.body as StackReport));
    setFailure(FAILURES[answer.status] ?? (answer.status === 200 ? undefined : 'unreachable'));
  }, [control]);
  const refresh = useCallback(() => void ask().catch(reportError), [ask]);
  useEffect(() => {
    if (!control) return;
    refresh();
    const timer = setInterval(() => document.hidden || refresh(), EVERY_MILLISECONDS);
    return () => clearInterval(timer);
  }, [control, refresh]);
  return { control, report, failure, refresh };
}

const FAILURES: Readonly<Record<number, 'wrong_key'>> = { 401: 'wrong_key', 403: 'wrong_key' };

/** Keeps the object that is known if nothing has changed, so that nothing is drawn again. */
const same = (known: StackReport | undefined, next: StackReport): StackReport =>
  known !== undefined && JSON.stringify(known) === JSON.stringify(next) ? known : next;
