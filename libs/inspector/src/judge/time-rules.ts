import { durationOf, instantOf } from './durations.js';
import { DEFAULT_CLOCK_TOLERANCE_SECONDS } from '../limits.js';
import { isTime } from './claim-types.js';
import {
  failed,
  notChecked,
  passed,
  UNREADABLE,
  type Finding,
  type Rule,
  type RuleContext,
} from './rule.js';

/** A time in milliseconds that was meant as seconds is after the year 5000. */
const MILLISECONDS_FROM = 100_000_000_000;

const tolerance = ({ expectations }: RuleContext): number =>
  expectations.clockToleranceSeconds ?? DEFAULT_CLOCK_TOLERANCE_SECONDS;

/** The rule of one time claim, which is skipped if the claim is absent. */
const timeRule =
  (name: string, absent: string, judge: (time: number, context: RuleContext) => Finding): Rule =>
  (context) => {
    if (!context.token.claims) return notChecked(UNREADABLE);
    if (!Object.hasOwn(context.claims, name)) return notChecked(absent);
    const value = context.claims[name];
    return isTime(value)
      ? judge(value, context)
      : failed(`The claim ${name} is not a number of seconds since 1970.`);
  };

const hint = (time: number): string =>
  time > MILLISECONDS_FROM
    ? '; the number looks like milliseconds, but the claim counts seconds'
    : '';

export const expiry = timeRule(
  'exp',
  'The token has no exp, so it never expires.',
  (time, context) => {
    const { now } = context;
    if (time <= now - tolerance(context))
      return failed(`The token expired ${durationOf(now - time)} ago, at ${instantOf(time)}.`);
    const late = time <= now ? ', within the tolerance for clocks' : '';
    return passed(
      time <= now
        ? `The token expired ${durationOf(now - time)} ago${late}.`
        : `The token expires in ${durationOf(time - now)}, at ${instantOf(time)}${hint(time)}.`,
    );
  },
);

export const notBefore = timeRule(
  'nbf',
  'The token has no nbf, so it is valid from the beginning.',
  (time, context) => {
    const { now } = context;
    if (time > now + tolerance(context))
      return failed(
        `The token is valid only in ${durationOf(time - now)}, from ${instantOf(time)}${hint(time)}.`,
      );
    return passed(
      time > now
        ? 'The token is valid in a moment, within the tolerance for clocks.'
        : `The token has been valid for ${durationOf(now - time)}.`,
    );
  },
);

export const issuedAt = timeRule(
  'iat',
  'The token does not say when it was issued (iat).',
  (time, context) => {
    const { now } = context;
    if (time > now + tolerance(context))
      return failed(
        `The token was issued ${durationOf(time - now)} in the future, at ${instantOf(time)}${hint(time)}.`,
      );
    return passed(
      time > now
        ? 'The token was issued a moment ahead, within the tolerance for clocks.'
        : `The token was issued ${durationOf(now - time)} ago.`,
    );
  },
);

export const lifetime: Rule = ({
  token,
  claims: { iat, exp },
  expectations: { maxLifetimeSeconds },
}) => {
  if (!token.claims) return notChecked(UNREADABLE);
  if (!isTime(exp))
    return maxLifetimeSeconds === undefined
      ? notChecked('The token has no end.')
      : failed('The token has no end, but a longest lifetime was expected.');
  if (!isTime(iat))
    return notChecked(
      'The lifetime is unknown, because the token does not say when it was issued.',
    );
  const span = exp - iat;
  if (span <= 0) return failed('The token ends before it begins: exp is not after iat.');
  if (maxLifetimeSeconds === undefined)
    return notChecked(`The token lives for ${durationOf(span)}; no limit was given.`);
  if (span > maxLifetimeSeconds)
    return failed(
      `The token lives for ${durationOf(span)}, but at most ${durationOf(maxLifetimeSeconds)} were expected.`,
    );
  return passed(`The token lives for ${durationOf(span)}, which is not longer than expected.`);
};
