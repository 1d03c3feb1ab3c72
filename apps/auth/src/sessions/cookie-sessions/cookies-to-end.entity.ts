import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { UserEntity } from '../../accounts/users/user.entity.js';
import type { UserId } from '../../platform/ids/stored-id.js';

/** A user whose sessions have ended, while the session store may still have their cookies. */
@Entity('cookies_to_end')
export class CookiesToEndEntity {
  @PrimaryColumn({ type: 'uuid' })
  @ForeignKey(() => UserEntity, { onDelete: 'CASCADE' })
  userId!: UserId;
}
