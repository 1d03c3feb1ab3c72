/** The members of a problem document (RFC 9457). Every member is optional, because other frameworks omit some. */
export interface ServiceProblem {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  /** A stable identifier, which Latchkey's own services send. */
  readonly code?: string;
  /** The whole document, for members of its own. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** The service refused the call with a 4xx, or answered with a redirect, which is never followed. */
export class CallFailedError extends Error {
  override readonly name = 'CallFailedError';
  constructor(
    /** The service that was called. */
    readonly service: string,
    /** The HTTP status. */
    readonly status: number,
    /** The body, if it was a problem document. */
    readonly problem?: ServiceProblem,
  ) {
    const { code } = problem ?? {};
    super(`${service} answered ${status}${code === undefined ? '' : ` (${code})`}`);
  }
}

/** Why a service could not be used. */
export type UnavailableReason =
  /** There was no connection, or it broke off. */
  | 'unreachable'
  /** There was no complete answer before the deadline. */
  | 'deadline'
  /** The service has failed repeatedly, so that calls are refused for a moment without being sent. */
  | 'circuit_open'
  /** So many requests to the service wait already that this one was not sent. */
  | 'overloaded'
  /** The service answered with a 5xx. */
  | 'server_error'
  /** The answer could not be read, or does not match the schema. The call may have had its effect. */
  | 'invalid_reply'
  /** The caller's signal, or the end of this process, ended the call. */
  | 'aborted';

const UNAVAILABILITIES: Readonly<Record<UnavailableReason, string>> = {
  unreachable: 'it cannot be reached',
  deadline: 'it did not answer before the deadline',
  circuit_open: 'it has failed repeatedly, and is left alone for a moment',
  overloaded: 'too many requests to it are waiting',
  server_error: 'it failed',
  invalid_reply: 'its answer is not what was expected',
  aborted: 'the call was aborted',
};

/** Details of a {@link ServiceUnavailableError}. */
export interface UnavailableDetails extends ErrorOptions {
  /** The HTTP status, if there was an answer. */
  readonly status?: number;
  /** When the service asks to be called again. */
  readonly retryAfterSeconds?: number;
  /** The fault in an answer, without its content. */
  readonly detail?: string;
}

/** The service, or the issuer of its tokens, cannot be used at the moment: respond with 503. */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError';
  readonly status?: number;
  readonly retryAfterSeconds?: number;

  constructor(
    /** The service that was called, or the issuer whose token endpoint was. */
    readonly service: string,
    readonly reason: UnavailableReason,
    { status, retryAfterSeconds, detail, ...options }: UnavailableDetails = {},
  ) {
    const answered = status === undefined ? '' : ` (${status})`;
    const because =
      UNAVAILABILITIES[reason] + answered + (detail === undefined ? '' : `: ${detail}`);
    super(`${service} is unavailable: ${because}`, options);
    if (status !== undefined) this.status = status;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Why there is no token, where the issuer was not asked or its answer was not accepted. */
export type OwnTokenErrorCode =
  /** The deny-list contains the subject token, its session, subject, client or key, or the new token. */
  | 'revoked'
  /** The subject token has expired. */
  | 'expired'
  /** The principal is a copy, or was created by something that keeps no credential. */
  | 'no_subject_token'
  /** The issuer's answer is not a bearer token for this audience and scope. */
  | 'invalid_response';

/**
 * There is no token for the call. `code` is one of {@link OwnTokenErrorCode}, or the issuer's: that of
 * RFC 6749 §5.2, RFC 8693 §2.2.2 or RFC 8707 §2.
 */
export class ServiceTokenError extends Error {
  override readonly name = 'ServiceTokenError';
  constructor(
    readonly code: OwnTokenErrorCode | (string & {}),
    /** A description of the cause, in English. It contains neither tokens nor secrets. */
    readonly description: string,
    /** The kind of token that was asked for: a client's own, or one to act for a user. */
    readonly grant: 'client_credentials' | 'token_exchange',
  ) {
    super(`There is no token for the call: ${code} (${description})`);
  }

  /**
   * Whether the credential of the user is the reason, so that the user has to log in again: respond with
   * 401. RFC 8693 §2.2.2 has `invalid_request` for an invalid subject token; some servers send
   * `invalid_grant`.
   */
  get isCredentialInvalid(): boolean {
    return this.grant === 'token_exchange' && CREDENTIAL_CODES.has(this.code);
  }
}

const CREDENTIAL_CODES = new Set(['revoked', 'expired', 'invalid_request', 'invalid_grant']);

/** The issuer's answer cannot be used. */
export function invalidResponse(
  grant: ServiceTokenError['grant'],
  what: string,
): ServiceTokenError {
  return new ServiceTokenError('invalid_response', what, grant);
}
