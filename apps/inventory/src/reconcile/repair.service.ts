import { LOGGER } from '@latchkey/service-kit';
import type { SettledState } from '@latchkey/shop-contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource, type EntityManager } from 'typeorm';
import { lockReservation, setState } from '../reservations/reservation-store.js';
import { ReservationEntity } from '../reservations/reservation.entity.js';
import { returnStock } from '../reserve/stock.js';
import type { TakenReservation } from './open-reservations.js';
import { repairOf, type Repair } from './repairs.js';

const now = () => 'statement_timestamp()';

/** Brings reservations in line with their orders. */
@Injectable()
export class RepairService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Repairs one reservation. The decision is made under its lock, because a sale may have arrived since orders was
   * asked.
   */
  async repair({ id, orderId }: TakenReservation, order: SettledState): Promise<Repair> {
    const [repair, state] = await this.dataSource.transaction(async (manager) => {
      const reservation = await lockReservation(manager, id, {});
      const repair = repairOf(reservation.state, order);
      await apply(manager, id, repair);
      return [repair, reservation.state] as const;
    });
    const fields = { reservationId: id, orderId, reservation: state, order };
    if (repair === 'report')
      this.logger.error(fields, 'a reservation contradicts its order, and was left alone');
    if (repair === 'sell' || repair === 'return_stock')
      this.logger.warn({ ...fields, repair }, 'a reservation was repaired');
    return repair;
  }
}

async function apply(manager: EntityManager, id: string, repair: Repair): Promise<void> {
  if (repair === 'wait' || repair === 'report') return;
  if (repair === 'sell') await setState(manager, id, 'sold');
  if (repair === 'return_stock') {
    await setState(manager, id, 'released');
    await returnStock(manager, id);
  }
  await manager.update(ReservationEntity, { id }, { reconciledAt: now });
}
