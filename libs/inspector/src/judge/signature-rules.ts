import { quoted } from '../json/json-suspects.js';
import type { InspectorKey } from '../keys/key.js';
import { ALGORITHMS } from './algorithms.js';
import type { SignatureOutcome } from './signature-outcome.js';
import { failed, notChecked, passed, type Finding, type Rule, type RuleContext } from './rule.js';

type Chosen = Extract<SignatureOutcome, { choice: unknown }>;

const named = ({ kid, description }: InspectorKey): string =>
  kid === undefined ? `the ${description}` : `the ${description} with the kid ${quoted(kid)}`;

/** A header can contain an object as `alg`, which may not have a text. */
const algOf = ({ alg }: RuleContext['header']): string => (typeof alg === 'string' ? alg : '');

/** Why no key was looked for. */
const NO_KEY: Readonly<Record<Exclude<SignatureOutcome['state'], Chosen['state']>, string>> = {
  no_key: 'No key was given.',
  unsigned: 'An unsigned token has no key.',
  encrypted: 'Decrypting needs the private key of the recipient.',
  no_algorithm: 'No key was looked for, because the header names no usable algorithm.',
  unsupported: 'No key was looked for, because the algorithm cannot be checked here.',
};

export const key: Rule = ({ header, outcome }) =>
  Object.hasOwn(header, 'kid') && typeof header['kid'] !== 'string'
    ? failed('The name of the key (kid) is not a text.')
    : 'choice' in outcome
      ? choiceOf(header['kid'], outcome)
      : notChecked(NO_KEY[outcome.state]);

function choiceOf(kid: unknown, outcome: Chosen): Finding {
  const { by, keys } = outcome.choice;
  const name = typeof kid === 'string' ? quoted(kid) : '';
  const fitting = outcome.state === 'fits' ? outcome.key : undefined;
  if (by === 'mismatch')
    return failed(
      `The key set has no key with the kid ${name}${fitting ? `, although the signature fits ${named(fitting)}` : ''}.`,
    );
  if (by === 'kid') return passed(`The token names the key ${name}, and it was given.`);
  const count = by === 'only' ? 'the one that was given' : `each of the ${keys.length} keys`;
  if (!name) {
    const tried = `The token names no key (kid), so ${count} was tried`;
    return fitting ? passed(`${tried}.`) : notChecked(`${tried}, and none fits.`);
  }
  const other = `The token names the key ${name}, but no key that was given has this name`;
  return fitting ? passed(`${other}; ${count} was tried.`) : failed(`${other}.`);
}

export const keyFits: Rule = ({ header, outcome }) => {
  const alg = algOf(header);
  if (outcome.state === 'fits') return passed(`${alg} fits ${named(outcome.key)}.`);
  if (outcome.state === 'wrong') return passed(`${alg} fits ${keysOf(outcome.tried)}.`);
  if (outcome.state === 'misfit') return failed(`No key fits: ${outcome.reason}.`);
  if (outcome.state === 'unusable') return notChecked(outcome.reason);
  return notChecked('There is no key to compare the algorithm with.');
};

function keysOf(keys: readonly InspectorKey[]): string {
  const [only] = keys;
  return keys.length === 1 && only ? named(only) : `${keys.length} of the keys`;
}

export const signature: Rule = (context) => {
  const { outcome } = context;
  switch (outcome.state) {
    case 'fits':
      return passed(`The signature fits ${named(outcome.key)}.`);
    case 'wrong':
      return failed(wrongSentence(context, outcome.tried));
    case 'misfit':
      return failed('No key that was given can have made this signature.');
    case 'unsigned':
      return failed(unsignedSentence(context));
    case 'no_algorithm':
      return failed('Without a signature algorithm, the signature proves nothing.');
    case 'unusable':
      return notChecked(outcome.reason);
    case 'unsupported':
      return notChecked(`Web browsers cannot check signatures of ${algOf(context.header)}.`);
    case 'no_key':
      return notChecked('Give the key of the issuer to check the signature.');
    case 'encrypted':
      return notChecked(
        'An encrypted token has an authentication tag instead, which only its recipient can check.',
      );
  }
};

function unsignedSentence({ token }: RuleContext): string {
  const { signature: size } = token.sizes;
  return size === 0
    ? 'The token is not signed.'
    : `The token says that it is not signed, but has ${size} bytes as signature.`;
}

function wrongSentence({ token, header }: RuleContext, tried: readonly InspectorKey[]): string {
  const [only] = tried;
  const against =
    tried.length === 1 && only
      ? named(only)
      : `any of the ${tried.length} keys that could have made it`;
  if (isDer(token.segments[2]?.bytes, algOf(header)))
    return `The signature does not fit ${against}; it looks like ASN.1 (DER), but a token needs the two numbers one after the other (RFC 7518 §3.4).`;
  if (token.segments[1]?.raw === '')
    return `The signature does not fit ${against}; the payload is empty, so it may be sent apart from its signature (RFC 7515 appendix F).`;
  return `The signature does not fit ${against}: the token was changed, or signed with another key.`;
}

const SIZES: Readonly<Record<string, number>> = { ES256: 64, ES384: 96, ES512: 132 };

/** Many libraries make signatures of elliptic curves in the form of X.509. */
function isDer(bytes: Uint8Array | undefined, alg: string): boolean {
  if (ALGORITHMS.get(alg)?.keyType !== 'EC' || !bytes) return false;
  return bytes[0] === 0x30 && bytes.length !== SIZES[alg];
}
