/** What a header member or a claim means. */
export interface Explanation {
  /** One sentence. */
  readonly meaning: string;
  readonly reference: string;
  /** The value is a number of seconds since 1970. */
  readonly isTime?: boolean;
}

const entry = (meaning: string, reference: string): Explanation => ({ meaning, reference });
const time = (meaning: string, reference: string): Explanation => ({
  meaning,
  reference,
  isTime: true,
});

const JWT = 'RFC 7519';
const OIDC = 'OpenID Connect Core 1.0';
const PROFILE = `${OIDC} §5.1`;

const CLAIMS = new Map<string, Explanation>([
  ['iss', entry('The issuer: who made and signed this token.', `${JWT} §4.1.1`)],
  [
    'sub',
    entry('The subject: whom the token is about, as the issuer names them.', `${JWT} §4.1.2`),
  ],
  ['aud', entry('The audience: the services that may accept this token.', `${JWT} §4.1.3`)],
  ['exp', time('The time from which the token must not be accepted.', `${JWT} §4.1.4`)],
  ['nbf', time('The time before which the token must not be accepted.', `${JWT} §4.1.5`)],
  ['iat', time('The time at which the token was issued.', `${JWT} §4.1.6`)],
  [
    'jti',
    entry(
      'The identifier of this one token, by which it can be revoked or recognized.',
      `${JWT} §4.1.7`,
    ),
  ],
  [
    'sid',
    entry(
      'The session that the token belongs to; it ends with a log-out.',
      'OpenID Connect Front-Channel Logout 1.0 §3',
    ),
  ],
  ['client_id', entry('The application that the token was issued to.', 'RFC 8693 §4.3')],
  ['azp', entry('The application that the ID token was issued to.', `${OIDC} §2`)],
  ['scope', entry('What the token allows, as names separated by spaces.', 'RFC 8693 §4.2')],
  [
    'scp',
    entry('What the token allows: the name that some issuers give to scope.', 'RFC 8693 §4.2'),
  ],
  ['roles', entry('The roles of the subject.', 'RFC 9068 §2.2.3.1')],
  ['groups', entry('The groups of the subject.', 'RFC 9068 §2.2.3.1')],
  ['entitlements', entry('What the subject is entitled to.', 'RFC 9068 §2.2.3.1')],
  [
    'act',
    entry(
      'The actor: the service that acts for the subject, and for whom it acts in turn.',
      'RFC 8693 §4.1',
    ),
  ],
  ['may_act', entry('Who may become the actor for the subject.', 'RFC 8693 §4.4')],
  ['cnf', entry('The key that the sender has to prove to hold.', 'RFC 7800 §3.1')],
  ['auth_time', time('The time at which the user logged in.', `${OIDC} §2`)],
  [
    'nonce',
    entry(
      'The random value with which an application ties an ID token to its own request.',
      `${OIDC} §2`,
    ),
  ],
  ['acr', entry('How strong the log-in was.', `${OIDC} §2`)],
  [
    'amr',
    entry(
      'How the user has logged in, such as pwd for a password or otp for a one-time code.',
      'RFC 8176',
    ),
  ],
  [
    'at_hash',
    entry('A hash of the access token that was issued with this ID token.', `${OIDC} §3.1.3.6`),
  ],
  [
    'c_hash',
    entry(
      'A hash of the authorization code that was issued with this ID token.',
      `${OIDC} §3.3.2.11`,
    ),
  ],
  ['s_hash', entry('A hash of the state of the authorization request.', 'Financial-grade API 1.0')],
  ['events', entry('What has happened: each member is the name of an event.', 'RFC 8417 §2.2')],
  ['toe', time('The time at which the event happened.', 'RFC 8417 §2.2')],
  ['txn', entry('The transaction that the token belongs to.', 'RFC 8417 §2.2')],
  ['sub_id', entry('The subject, with a format that says how it is identified.', 'RFC 9493')],
  [
    'tctx',
    entry(
      'What is known of the transaction, such as its amount.',
      'draft-ietf-oauth-transaction-tokens',
    ),
  ],
  [
    'rctx',
    entry(
      'Where the transaction comes from, such as the address of the client.',
      'draft-ietf-oauth-transaction-tokens',
    ),
  ],
  [
    'req_wl',
    entry(
      'The service that asked for the transaction token.',
      'draft-ietf-oauth-transaction-tokens',
    ),
  ],
  ['htm', entry('The HTTP method of the request that the proof is for.', 'RFC 9449 §4.2')],
  ['htu', entry('The URL of the request that the proof is for.', 'RFC 9449 §4.2')],
  ['ath', entry('A hash of the access token that the proof accompanies.', 'RFC 9449 §4.2')],
  ['authorization_details', entry('What the token allows, in detail.', 'RFC 9396')],
  [
    'token_introspection',
    entry('What the authorization server says about a token.', 'RFC 9701 §5'),
  ],
  ['_sd', entry('Hashes of claims that the holder may disclose.', 'RFC 9901 §4.2')],
  ['_sd_alg', entry('The hash function of the undisclosed claims.', 'RFC 9901 §4.1.1')],
  ['vct', entry('The type of a verifiable credential.', 'draft-ietf-oauth-sd-jwt-vc')],
  ['name', entry('The full name of the user.', PROFILE)],
  ['given_name', entry('The given names of the user.', PROFILE)],
  ['family_name', entry('The family name of the user.', PROFILE)],
  ['middle_name', entry('The middle names of the user.', PROFILE)],
  ['nickname', entry('The casual name of the user.', PROFILE)],
  [
    'preferred_username',
    entry(
      'The name that the user likes to be called; it may change, so it must not identify the user.',
      PROFILE,
    ),
  ],
  ['profile', entry('The address of the profile page of the user.', PROFILE)],
  ['picture', entry('The address of a picture of the user.', PROFILE)],
  ['website', entry('The web site of the user.', PROFILE)],
  [
    'email',
    entry(
      'The e-mail address of the user; it may change, so it must not identify the user.',
      PROFILE,
    ),
  ],
  [
    'email_verified',
    entry('Whether the issuer has made sure that the e-mail address belongs to the user.', PROFILE),
  ],
  ['gender', entry('The gender of the user.', PROFILE)],
  ['birthdate', entry('The date of birth of the user.', PROFILE)],
  ['zoneinfo', entry('The time zone of the user.', PROFILE)],
  ['locale', entry('The language of the user.', PROFILE)],
  ['phone_number', entry('The telephone number of the user.', PROFILE)],
  [
    'phone_number_verified',
    entry(
      'Whether the issuer has made sure that the telephone number belongs to the user.',
      PROFILE,
    ),
  ],
  ['address', entry('The postal address of the user.', PROFILE)],
  ['updated_at', time('The time at which the profile of the user last changed.', PROFILE)],
]);

const JWS = 'RFC 7515';
const JWE = 'RFC 7516';

const HEADER_MEMBERS = new Map<string, Explanation>([
  [
    'alg',
    entry(
      'The algorithm of the signature, or the one that protects the key of an encrypted token.',
      `${JWS} §4.1.1`,
    ),
  ],
  ['typ', entry('The type of the token, which says what it is for.', `${JWS} §4.1.9`)],
  [
    'cty',
    entry('The type of the content; JWT means that another token is inside.', `${JWS} §4.1.10`),
  ],
  [
    'kid',
    entry(
      'The name of the key that the token was signed with, in the key set of the issuer.',
      `${JWS} §4.1.4`,
    ),
  ],
  [
    'jwk',
    entry(
      'A public key, chosen by the sender; it must not be trusted for that alone.',
      `${JWS} §4.1.3`,
    ),
  ],
  [
    'jku',
    entry(
      'The address of a key set, chosen by the sender; it must not be fetched for that alone.',
      `${JWS} §4.1.2`,
    ),
  ],
  [
    'x5u',
    entry(
      'The address of a certificate, chosen by the sender; it must not be fetched for that alone.',
      `${JWS} §4.1.5`,
    ),
  ],
  [
    'x5c',
    entry(
      'A chain of certificates, whose first has the key; the chain has to be checked.',
      `${JWS} §4.1.6`,
    ),
  ],
  ['x5t', entry('The SHA-1 hash of the certificate whose key signed the token.', `${JWS} §4.1.7`)],
  [
    'x5t#S256',
    entry('The SHA-256 hash of the certificate whose key signed the token.', `${JWS} §4.1.8`),
  ],
  ['crit', entry('The members of the header that a reader has to understand.', `${JWS} §4.1.11`)],
  ['b64', entry('Whether the payload is encoded in base64url.', 'RFC 7797 §3')],
  ['enc', entry('The algorithm that the content is encrypted with.', `${JWE} §4.1.2`)],
  ['zip', entry('How the content was compressed before it was encrypted.', `${JWE} §4.1.3`)],
  ['epk', entry('The public key that the sender made for this token alone.', 'RFC 7518 §4.6.1.1')],
  ['apu', entry('Information about the sender, which goes into the key.', 'RFC 7518 §4.6.1.2')],
  ['apv', entry('Information about the recipient, which goes into the key.', 'RFC 7518 §4.6.1.3')],
  ['iv', entry('The initialization vector with which the key was encrypted.', 'RFC 7518 §4.7.1.1')],
  ['tag', entry('The authentication tag of the encrypted key.', 'RFC 7518 §4.7.1.2')],
  ['p2s', entry('The salt with which the key was made from a password.', 'RFC 7518 §4.8.1.1')],
  [
    'p2c',
    entry(
      'The number of iterations with which the key was made from a password.',
      'RFC 7518 §4.8.1.2',
    ),
  ],
  ['iss', entry('The issuer, repeated outside the encrypted content.', `${JWT} §5.3`)],
  ['sub', entry('The subject, repeated outside the encrypted content.', `${JWT} §5.3`)],
  ['aud', entry('The audience, repeated outside the encrypted content.', `${JWT} §5.3`)],
]);

/** Explains a registered claim. */
export const explainClaim = (name: string): Explanation | undefined => CLAIMS.get(name);

/** Explains a registered member of the header. */
export const explainHeaderMember = (name: string): Explanation | undefined =>
  HEADER_MEMBERS.get(name);
