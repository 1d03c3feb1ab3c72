import { bigintAsNumber } from '@latchkey/service-kit';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TokenId } from '../../platform/ids/stored-id.js';

/** One origin of an exchanged token. */
@Entity('exchanged_tokens')
@Index('exchanged_tokens_token', ['tokenId'])
@Index('exchanged_tokens_expiry', ['expiresAt'])
@Check('exchanged_tokens_origin_kind_check', `origin_kind IN ('token', 'client', 'key')`)
export class ExchangedTokenEntity {
  @PrimaryColumn({ type: 'text' })
  originKind!: 'token' | 'client' | 'key';

  @PrimaryColumn({ type: 'text' })
  originId!: string;

  @PrimaryColumn({ type: 'text' })
  tokenId!: TokenId;

  /** NumericDate in seconds. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  expiresAt!: number;

  /** The client that got the token. Null if the previous release issued it. */
  @Column({ type: 'text', nullable: true })
  clientId!: string | null;
}
