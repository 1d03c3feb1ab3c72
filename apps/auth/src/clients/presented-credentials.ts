import { CLIENT_ASSERTION_TYPE } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { invalidClient } from './invalid-client.js';

/** The members of a form that authenticate a client. */
export interface ClientForm {
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
  readonly client_assertion_type?: string | undefined;
  readonly client_assertion?: string | undefined;
}

export type PresentedCredentials =
  | { readonly method: 'secret'; readonly clientId: string; readonly secret: string }
  | { readonly method: 'assertion'; readonly assertion: string };

const invalidRequest = (title: string) => new ProblemError(400, 'invalid_request', title);

/** A bearer token is ignored: it cannot authenticate a client, and some gateways add one to every request. */
const BEARER = /^bearer( |$)/i;

/**
 * Reads `client_secret_basic`, `client_secret_post` or `private_key_jwt`. RFC 6749 §2.3 allows one
 * method in a request.
 *
 * @returns undefined if the request uses none of them
 * @throws ProblemError invalid_client, or invalid_request for more than one method or a part of one
 */
export function presentedCredentials(
  authorization: string | undefined,
  form: ClientForm,
): PresentedCredentials | undefined {
  const basic = authorization !== undefined && !BEARER.test(authorization);
  const hasAssertion =
    form.client_assertion !== undefined || form.client_assertion_type !== undefined;
  const methods = [basic, form.client_secret !== undefined, hasAssertion];
  if (methods.filter(Boolean).length > 1)
    throw invalidRequest('Use one method of client authentication, not several');
  if (basic) return basicCredentials(authorization, form);
  return hasAssertion ? assertionOf(form) : secretOf(form);
}

function secretOf(form: ClientForm): PresentedCredentials | undefined {
  const { client_id: clientId, client_secret: secret } = form;
  if (secret === undefined) return undefined;
  if (clientId === undefined) throw invalidRequest('client_secret requires client_id');
  return { method: 'secret', clientId, secret };
}

/** RFC 7521 §4.2. */
function assertionOf(form: ClientForm): PresentedCredentials {
  const { client_assertion: assertion, client_assertion_type: type } = form;
  if (assertion === undefined) throw invalidRequest('client_assertion is missing');
  if (type === undefined) throw invalidRequest('client_assertion_type is missing');
  if (type !== CLIENT_ASSERTION_TYPE)
    throw invalidClient(`client_assertion_type must be ${CLIENT_ASSERTION_TYPE}`);
  return { method: 'assertion', assertion };
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basicCredentials(authorization: string, form: ClientForm): PresentedCredentials {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  const text = Buffer.from(encoded ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 1) throw invalidClient();
  const [clientId, secret] = [text.slice(0, colon), text.slice(colon + 1)].map(decode);
  if (clientId === undefined || secret === undefined) throw invalidClient();
  if (form.client_id !== undefined && form.client_id !== clientId)
    throw invalidRequest('client_id differs from the client in the Authorization header');
  return { method: 'secret', clientId, secret };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // A malformed escape cannot belong to a valid name or secret.
    return undefined;
  }
}
