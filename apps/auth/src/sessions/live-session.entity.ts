import type { TokenDelivery } from '@latchkey/contracts/auth-api';
import { bigintAsNumber } from '@latchkey/service-kit';
import { ViewColumn, ViewEntity, VirtualColumn } from 'typeorm';
import type { SessionId, UserId } from '../platform/ids/stored-id.js';

/**
 * A session that was live when it was read. The view `live_sessions` decides which sessions are; a
 * migration defines it.
 */
@ViewEntity({ name: 'live_sessions', synchronize: false })
export class LiveSessionEntity {
  @ViewColumn()
  id!: SessionId;

  @ViewColumn()
  userId!: UserId;

  @ViewColumn()
  username!: string;

  @ViewColumn()
  scope!: string;

  /** The roles in the user's row, or null. */
  @ViewColumn()
  roles!: string[] | null;

  @ViewColumn()
  clientId!: string;

  /** Null for a cookie session, which has no refresh token. */
  @ViewColumn()
  refreshDelivery!: TokenDelivery | null;

  @ViewColumn()
  accessDelivery!: TokenDelivery;

  /** NumericDate in seconds; never below the `tokens_valid_from` of the user and the client. */
  @ViewColumn({ transformer: bigintAsNumber })
  authTime!: number;

  @ViewColumn()
  userAgent!: string | null;

  @ViewColumn()
  loginAddress!: string | null;

  @ViewColumn()
  lastAddress!: string | null;

  @ViewColumn()
  createdAt!: Date;

  @ViewColumn()
  lastUsedAt!: Date;

  @ViewColumn()
  absoluteExpiresAt!: Date;

  /** The idle or the absolute deadline, whichever comes first. */
  @VirtualColumn({
    type: 'timestamptz',
    query: (session) => `least(${session}.idle_expires_at, ${session}.absolute_expires_at)`,
  })
  expiresAt!: Date;
}
