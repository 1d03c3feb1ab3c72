import type { TokenKind } from '../decoded-token.js';

/** A kind of token in words. */
export interface KindText {
  readonly name: string;
  /** One sentence that says what the token is for. */
  readonly sentence: string;
  readonly reference: string;
}

const KINDS: Readonly<Record<TokenKind, KindText>> = {
  access_token: {
    name: 'An access token',
    sentence: 'A client sends it to a service, which learns from it who calls and what is allowed.',
    reference: 'RFC 9068',
  },
  id_token: {
    name: 'An ID token',
    sentence: 'It tells an application who has logged in; it is not for calling services.',
    reference: 'OpenID Connect Core 1.0 §2',
  },
  logout_token: {
    name: 'A logout token',
    sentence: 'An identity provider sends it to an application, to say that a session has ended.',
    reference: 'OpenID Connect Back-Channel Logout 1.0 §2.4',
  },
  security_event: {
    name: 'A security event token',
    sentence: 'It reports something that has happened, such as a revocation; it grants nothing.',
    reference: 'RFC 8417',
  },
  transaction_token: {
    name: 'A transaction token',
    sentence:
      'It accompanies one request through several services, and says for whom and for what the request is.',
    reference: 'draft-ietf-oauth-transaction-tokens',
  },
  dpop_proof: {
    name: 'A DPoP proof',
    sentence:
      'A client makes it for one request, to show that it holds the key that its access token is bound to.',
    reference: 'RFC 9449 §4.2',
  },
  client_assertion: {
    name: 'A client assertion',
    sentence:
      'A client signs it to authenticate itself to an authorization server, in place of a secret.',
    reference: 'RFC 7523 §3',
  },
  request_object: {
    name: 'A request object',
    sentence: 'It contains the parameters of an authorization request, signed by the client.',
    reference: 'RFC 9101',
  },
  introspection_response: {
    name: 'An introspection response',
    sentence: 'An authorization server signs it to answer what a token means.',
    reference: 'RFC 9701',
  },
  sd_jwt: {
    name: 'An SD-JWT',
    sentence: 'Its holder can disclose some of its claims and keep the others hidden.',
    reference: 'RFC 9901',
  },
  jwt: {
    name: 'A JWT',
    sentence: 'It contains claims, but nothing says what they are for.',
    reference: 'RFC 7519',
  },
  nested_jwt: {
    name: 'A nested JWT',
    sentence: 'Its payload is another token, which was signed first.',
    reference: 'RFC 7519 §5.2',
  },
  encrypted_jwt: {
    name: 'An encrypted JWT (JWE)',
    sentence:
      'Only its header can be read; the claims are for the recipient, who has the private key.',
    reference: 'RFC 7516',
  },
  signed_message: {
    name: 'A signed message (JWS)',
    sentence: 'Its payload is not a set of claims, so it is not a JWT.',
    reference: 'RFC 7515',
  },
  opaque: {
    name: 'Not a JWT',
    sentence:
      'It may be an opaque token, such as a refresh token: a random text that only its issuer can look up.',
    reference: 'RFC 6749 §1.4',
  },
  empty: { name: 'Nothing', sentence: 'There is no text.', reference: 'RFC 7519' },
};

/** Says what a kind of token is for. */
export const describeKind = (kind: TokenKind): KindText => KINDS[kind];
