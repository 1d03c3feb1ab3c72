import { isObject } from '../json/parse-json.js';

type Members = Readonly<Record<string, unknown>>;

const IDENTIFIERS = ['iss', 'sub', 'jti', 'sid', 'client_id'];
const TIMES = ['exp', 'nbf', 'iat', 'auth_time'];

/** Deeper chains of actors are not looked at. */
const MAX_ACTORS = 50;

/** Says which of the registered claims does not have the type that its specification gives it. */
export function claimProblem(claims: Members): string | undefined {
  const found = (names: readonly string[], isGood: (value: unknown) => boolean) =>
    names.find((name) => Object.hasOwn(claims, name) && !isGood(claims[name]));
  const identifier = found(IDENTIFIERS, isIdentifier);
  if (identifier !== undefined)
    return `The claim ${identifier} is not a text that names something.`;
  const time = found(TIMES, isTime);
  if (time !== undefined) return `The claim ${time} is not a number of seconds since 1970.`;
  if (found(['scope'], isText)) return 'The claim scope is not a text.';
  if (found(['aud'], isAudience))
    return 'The claim aud is neither a text nor a list of texts that name somebody.';
  if (found(['cnf'], isObject)) return 'The claim cnf is not an object.';
  return found(['act'], isActor) && 'The claim act is not an object that says who acts.';
}

/** A finite number that is not negative. `1e400` would make a token that never expires. */
export const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const isText = (value: unknown): boolean => typeof value === 'string';

/** An empty text names nobody, and half of a surrogate pair is changed on its way through a database. */
const isIdentifier = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.isWellFormed();

const isAudience = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 && value.every(isIdentifier) : isIdentifier(value);

/** An actor has claims that name it, and perhaps an actor of its own (RFC 8693 §4.1). */
function isActor(value: unknown): boolean {
  let actor = value;
  for (let depth = 0; depth < MAX_ACTORS; depth++) {
    if (!isObject(actor)) return false;
    if (Object.hasOwn(actor, 'sub') && !isIdentifier(actor['sub'])) return false;
    if (!Object.hasOwn(actor, 'act')) return true;
    actor = actor['act'];
  }
  return true;
}
