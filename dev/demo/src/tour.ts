import type { Account, AuthClient, LatchkeyStack } from '@latchkey/local-stack';
import { CookieSteps } from './cookie-steps.js';
import type { DemoReport } from './demo-report.js';
import { TokenSteps } from './token-steps.js';

/** How long a key is published before it signs. The default of a minute is too long to watch. */
export const PUBLISH_AHEAD_SECONDS = 4;

/** Shows what the system does, step by step. */
export async function tour(
  report: DemoReport,
  stack: LatchkeyStack,
  auth: AuthClient,
  [first, second, third]: readonly [Account, Account, Account],
): Promise<void> {
  const steps = new TokenSteps(stack, auth, first, second, PUBLISH_AHEAD_SECONDS);
  const cookies = new CookieSteps(stack, auth, third);
  await report.step(`${first.username} and ${second.username} log in`, () => steps.logInBoth());
  await report.step('each service verifies locally', () => steps.verifyEverywhere());
  await report.step(`${first.username} places an order`, () => steps.placeOrder());
  await report.step('orders exchanges her token', () => steps.showChain());
  await report.step(`${first.username} logs out`, () => steps.logOut());
  await report.step(`${second.username} stays logged in`, () => steps.secondUserUnaffected());
  await report.step(`${third.username} logs in with a cookie`, () => cookies.logIn());
  await report.step(`${third.username} logs out`, () => cookies.logOut());
  await report.step('auth stops', () => steps.stopAuth());
  await report.step('auth starts again', () => steps.startAuth());
  await report.step('the signing key is rotated', () => steps.rotateKey());
}
