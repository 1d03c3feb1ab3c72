import type { Bounds, Call, Fault, LogIn, LogOut, Refresh } from '../src/history/history.js';

/** Round numbers, so that tests can name the millisecond before and after a bound. */
export const BOUNDS: Bounds = {
  connected: 1_000,
  refuse: 8_000,
  expiryTolerance: 5_000,
  settling: 2_000,
};
export const EXPIRES_AT = 300_000;

type Some<T extends { startedAt: number }> = Partial<Omit<T, 'startedAt' | 'type'>>;

/** An operation of 10 ms. */
const lasting = (startedAt: number) => ({ startedAt, endedAt: startedAt + 10 });

export const logIn = (startedAt: number, more: Some<LogIn> = {}): LogIn => ({
  type: 'log-in',
  session: 's1',
  issued: { token: 't1', expiresAt: EXPIRES_AT },
  ...lasting(startedAt),
  ...more,
});

export const call = (startedAt: number, more: Some<Call> = {}): Call => ({
  type: 'call',
  session: 's1',
  token: 't1',
  verifier: 'orders',
  route: 'accept',
  answer: 'accepted',
  ...lasting(startedAt),
  ...more,
});

/** Ends at the given time, because bounds count from the answer. */
export const logOut = (
  endedAt: number,
  more: Partial<Omit<LogOut, 'type' | 'endedAt'>> = {},
): LogOut => ({
  type: 'log-out',
  session: 's1',
  token: 't1',
  answer: 'done',
  startedAt: endedAt - 10,
  endedAt,
  ...more,
});

export const refresh = (startedAt: number, more: Some<Refresh> = {}): Refresh => ({
  type: 'refresh',
  session: 's1',
  presented: 'r1',
  answer: 'accepted',
  ...lasting(startedAt),
  ...more,
});

export const fault = (startedAt: number, endedAt: number, affects?: string[]): Fault => ({
  name: 'something was cut',
  startedAt,
  endedAt,
  ...(affects && { affects }),
});
