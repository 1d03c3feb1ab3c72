import type { Account } from './calls/auth-calls.js';
import type { Notice } from './use-run.js';

/** What a user of the page can do, one thing at a time. */
export interface Actions {
  /** What is being done: the name of an action, or of a user who is being logged in. */
  readonly busy: string | undefined;
  readonly notice: Notice | undefined;
  /** The user whom this page has disabled. */
  readonly disabled: string | undefined;
  readonly logIn: (account: Account) => void;
  readonly logOut: (everywhere: boolean) => void;
  readonly refresh: () => void;
  readonly rotate: (administrator: Account) => void;
  readonly disable: (username: string, administrator: Account) => void;
  readonly enable: (username: string, administrator: Account) => void;
}
