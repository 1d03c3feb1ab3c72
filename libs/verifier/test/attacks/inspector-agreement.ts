import {
  decodeToken,
  judgeToken,
  readKeys,
  type Check,
  type Expectations,
} from '@latchkey/inspector';
import { ISSUER } from '../verifier-fixture.js';

/** What the verifier checks and JWTs in general need not, so that the inspector may accept it. */
const STRICTER: readonly (readonly [difference: RegExp, reason: string])[] = [
  [/^malformed .*nested (arrays|objects)/, 'the verifier allows 16 levels, the inspector 200'],
  [
    /^malformed .*(the valid token .*in a signed token)/,
    'the inspector judges the inner token too',
  ],
  [/^malformed .*kid/, 'the verifier needs a kid, which is optional (RFC 7515 §4.1.4)'],
  [
    /^unsupported_header .*(b64|zip|cty|valid token)/,
    'a JWT may have members that are ignored (RFC 7515 §4)',
  ],
  [/^lifetime_too_long /, 'the inspector only has the limit that it is given'],
  [/^sender_constrained /, 'the inspector says that the binding was not checked'],
  [
    /^invalid_claims .*(act is|actor)/,
    'RFC 8693 §4.1 does not demand a sub of an actor, nor limits their number',
  ],
];

/**
 * Gives an attack to the inspector, which explains tokens to people. It must not call valid what the
 * verifier rejects, unless the difference is listed above.
 *
 * @param tolerance that of the verifier, if it is not the default, which both have
 * @returns undefined, or what the inspector accepts without a reason
 */
export async function unexplained(
  attack: string,
  token: string,
  jwks: object,
  now: number,
  tolerance: Pick<Expectations, 'clockToleranceSeconds'>,
): Promise<string | undefined> {
  const { keys } = await readKeys(JSON.stringify(jwks));
  const expectations = { issuer: ISSUER, audience: 'orders', type: 'at+jwt', ...tolerance };
  const { verdict, checks } = await judgeToken(decodeToken(token), {
    ...{ keys, expectations, now: new Date(now) },
  });
  if (verdict !== 'valid' || STRICTER.some(([difference]) => difference.test(attack))) return;
  return `${attack}: ${checks.map(({ rule, state }: Check) => `${rule} ${state}`).join(', ')}`;
}
