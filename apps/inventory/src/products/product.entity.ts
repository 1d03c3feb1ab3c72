import { bigintAsNumber } from '@latchkey/service-kit';
import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('products')
@Unique(['sku'])
@Check('products_price_minor_units_check', 'price_minor_units BETWEEN 0 AND 9007199254740991')
@Check('products_available_check', 'available >= 0')
export class ProductEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  sku!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  priceMinorUnits!: number;

  @Column({ type: 'char', length: 3 })
  currency!: string;

  /** Units that are neither reserved nor sold. */
  @Column({ type: 'integer' })
  available!: number;
}
