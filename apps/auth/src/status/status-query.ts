import type { RevocationStatusRequest } from '@latchkey/contracts/auth-api';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A revocation that matches the ids. */
export interface MatchingRevocation {
  readonly trigger: string;
  readonly at: Date;
  /** Null if it is not published yet, or if only the session's row still knows of it. */
  readonly serial: number | null;
  /** True if the session has ended, and its revocation has been forgotten because its tokens have expired. */
  readonly forgotten: boolean;
}

/** The revocation, if any, that the record holds for the ids of a token. */
export interface RecordedStatus {
  /** The first revocation that matches. */
  readonly revocation: MatchingRevocation | null;
  /** Whether a row connects the ids: the session with its subject and client, or an exchanged token with its client. */
  readonly isConnected: boolean;
  /** When the session expired, if it has. */
  readonly sessionExpiredAt: Date | null;
  /** One more than the serial of the latest revocation. */
  readonly nextSerial: number;
}

/**
 * Reads what is known about a token, in one statement whatever its outcome, so that its time says little. Raw SQL reads
 * all tables at the same moment.
 *
 * Names can be guessed and random ids cannot. Revocations of a subject or of a client therefore count only for the
 * holder of a session id or of an exchanged token's `jti` that belongs to it.
 */
@Injectable()
export class StatusQuery {
  constructor(private readonly dataSource: DataSource) {}

  async read({ jti, sid, sub, client_id, iat, kid }: RevocationStatusRequest) {
    const [row] = await this.dataSource.query<[RecordedStatus]>(STATUS, [
      jti,
      sid,
      sub,
      client_id,
      iat,
      kid,
    ]);
    return row;
  }
}

const revocationsBy = (kind: string, condition: string) => `
  SELECT trigger, created_at AS at, serial, false AS forgotten FROM revocations
  WHERE kind = '${kind}' AND ${condition}`;

/** Parameters: `jti`, `sid`, `sub`, `client_id`, `iat` and `kid`. */
export const STATUS = `
  WITH session AS MATERIALIZED (
    SELECT user_id::text AS subject, client_id, end_reason, ended_at,
           least(idle_expires_at, absolute_expires_at) AS expires_at
    FROM sessions WHERE id = $2::text::uuid AND user_id::text = $3
  ), exchanged AS MATERIALIZED (
    SELECT client_id FROM exchanged_tokens WHERE token_id = $1 LIMIT 1
  ), client AS MATERIALIZED (
    SELECT client_id AS id FROM (TABLE exchanged UNION SELECT client_id FROM session) AS known
    WHERE client_id = $4
  ), matching AS (
    ${[
      revocationsBy('token', 'token_id = $1'),
      revocationsBy('session', 'session_id = $2'),
      revocationsBy('key', 'key_id = $6'),
      revocationsBy('subject', 'subject = (SELECT subject FROM session) AND issued_before > $5'),
      revocationsBy('client', 'client_id = (SELECT id FROM client) AND issued_before > $5'),
      `SELECT end_reason, ended_at, NULL, true FROM session WHERE ended_at IS NOT NULL`,
    ].join(' UNION ALL ')}
  )
  SELECT (SELECT json_build_object('trigger', trigger, 'at', at, 'serial', serial, 'forgotten', forgotten)
          FROM matching ORDER BY forgotten, at LIMIT 1) AS revocation,
         ($2::text IS NULL OR EXISTS (TABLE session))
           AND ($4::text IS NULL OR EXISTS (TABLE client))
           AND (EXISTS (TABLE session) OR EXISTS (TABLE exchanged)) AS "isConnected",
         (SELECT expires_at FROM session WHERE expires_at <= clock_timestamp()) AS "sessionExpiredAt",
         (SELECT next_serial FROM revocation_stream)::float8 AS "nextSerial"`;
