import { TOKEN_EXCHANGE_GRANT, ACCESS_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import type { Chain } from './chain.js';
import { CHAIN_ROUTES, CHAIN_SCOPE, INVENTORY, ORDERS } from './chain-options.js';
import type { TimedCall } from './calls-in-turn.js';

/** A way of calling that is timed. */
export interface ChainContender {
  readonly id: string;
  readonly label: string;
  /** A round makes this call once in N turns. Calls that take a new token, or write, are made less often. */
  readonly oneIn: number;
  readonly call: () => TimedCall;
}

const SELDOM = 5;

/** The calls that are compared, with tokens that all services know and with tokens that no service has seen. */
export function chainContenders(
  chain: Chain,
  knownTokens: readonly string[],
  newTokens: string[],
): readonly ChainContender[] {
  let calls = 0;
  const known = () => knownTokens[calls++ % knownTokens.length]!;
  const unused = () => {
    const token = newTokens.pop();
    if (token === undefined) throw new Error('there are too few tokens');
    return token;
  };
  const through = (route: keyof typeof CHAIN_ROUTES, token: () => string) => () => ({
    url: chain.url + CHAIN_ROUTES[route],
    headers: { authorization: `Bearer ${token()}` },
  });
  return [
    often('relay', 'relay, with fetch()', through('relayByFetch', known)),
    often('relay-client', 'relay, with ServiceClient', through('relayByClient', known)),
    often('warm', 'exchange, cached', through('exchange', known)),
    seldom('transaction', 'transaction token, begun anew', through('transaction', known)),
    seldom('relay-new', 'new token: relay, with ServiceClient', through('relayByClient', unused)),
    seldom('cold', 'new token: exchange, not cached', through('exchange', unused)),
    seldom('round-trip', 'one exchange at auth, alone', () => exchangeRequest(chain, known())),
  ];
}

type Call = ChainContender['call'];
const often = (id: string, label: string, call: Call) => ({ id, label, oneIn: 1, call });
const seldom = (id: string, label: string, call: Call) => ({ id, label, oneIn: SELDOM, call });

/** The number of new tokens that the given number of calls of each kind uses up. */
export const newTokensFor = (calls: number) => 2 * Math.ceil(calls / SELDOM);

/** The request that orders sends to auth, sent directly. */
export function exchangeRequest({ stack }: Chain, token: string): TimedCall & { body: string } {
  const { name, secret } = stack.serviceCredentials(ORDERS);
  return {
    url: `${stack.issuer}/oauth/token`,
    headers: {
      authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      grant_type: TOKEN_EXCHANGE_GRANT,
      subject_token: token,
      subject_token_type: ACCESS_TOKEN_TYPE_URI,
      requested_token_type: ACCESS_TOKEN_TYPE_URI,
      audience: INVENTORY,
      scope: CHAIN_SCOPE,
    }).toString(),
  };
}
