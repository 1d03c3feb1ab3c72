import { bigintAsNumber } from '@latchkey/service-kit';
import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ProductEntity } from '../products/product.entity.js';
import { ReservationEntity } from './reservation.entity.js';

@Entity('reservation_lines')
@Check('reservation_lines_quantity_check', 'quantity > 0')
export class ReservationLineEntity {
  @PrimaryColumn({ type: 'uuid' })
  @ForeignKey(() => ReservationEntity)
  reservationId!: string;

  @PrimaryColumn({ type: 'uuid' })
  @ForeignKey(() => ProductEntity)
  productId!: string;

  /** The line's place in the request. */
  @Column({ type: 'smallint' })
  position!: number;

  @Column({ type: 'integer' })
  quantity!: number;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  unitPriceMinorUnits!: number;
}
