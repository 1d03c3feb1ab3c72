import { bigintAsNumber } from '@latchkey/service-kit';
import { Check, Column, Entity, Generated, PrimaryColumn, Unique } from 'typeorm';

/** The only row of its table: what the record knows of the stream. */
@Entity('revocation_stream')
@Unique(['onlyRow'])
@Check('revocation_stream_only_row_check', 'only_row')
export class RevocationStreamEntity {
  /** The key, so that a transaction that changes it waits for those that hold it `FOR KEY SHARE`. */
  @PrimaryColumn({ type: 'uuid' })
  epoch!: string;

  /** `created` as reported by JetStream; null until the stream of this epoch has been set up. */
  @Column({ type: 'text', nullable: true })
  streamCreated!: string | null;

  /** The sequence of the last watermark; sequences of revocations are in `revocations`. */
  @Column({ type: 'bigint', default: 0, transformer: bigintAsNumber })
  lastSequence!: number;

  @Column({ type: 'boolean', default: true })
  onlyRow!: boolean;

  /** The serial that the next revocation will get. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  nextSerial!: number;

  /** Identifies this record. Backups and standbys have the same id. */
  @Column({ type: 'uuid' })
  @Generated('uuid')
  recordId!: string;
}
