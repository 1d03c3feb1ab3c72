import { bigintAsNumber } from '@latchkey/service-kit';
import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { UserId } from '../../platform/ids/stored-id.js';

@Entity('users')
@Unique(['username'])
export class UserEntity {
  @PrimaryColumn({ type: 'uuid', default: () => 'uuidv7()' })
  id!: UserId;

  @Column({ type: 'text' })
  username!: string;

  @Column({ type: 'text' })
  passwordHash!: string;

  /** Incremented when the password changes, but not when it is only rehashed. */
  @Column({ type: 'integer', default: 1 })
  passwordVersion!: number;

  /** Only replicas of the previous release read this. Scopes are resolved from the roles (ADR 0044). */
  @Column({ type: 'text' })
  scope!: string;

  /** This is null if the previous release stored the user; see `rolesOf`. */
  @Column({ type: 'text', array: true, nullable: true })
  roles!: string[] | null;

  /** NumericDate in seconds. Tokens issued to the user earlier are not valid. */
  @Column({ type: 'bigint', default: 0, transformer: bigintAsNumber })
  tokensValidFrom!: number;

  @Column({ type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  get disabled(): boolean {
    return this.disabledAt !== null;
  }
}
