import type { Reservation } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { selectOne, setState, type Owner } from '../reservations/reservation-rows.js';
import { returnStock } from '../reserve/stock.js';

@Injectable()
export class FinishReservationService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The stock is the buyer's. A reservation that is late but not swept yet can still be sold.
   *
   * @throws ProblemError 409 when the stock went back before
   */
  sell(id: string, owner: Owner): Promise<Reservation> {
    return this.dataSource.transaction(async (manager) => {
      const reservation = await selectOne(manager, id, owner, { lock: true });
      if (reservation.state === 'sold') return reservation;
      if (reservation.state !== 'held') throw alreadyFinished(reservation.state);
      await setState(manager, id, 'sold');
      return { ...reservation, state: 'sold' };
    });
  }

  /**
   * The stock goes back, once.
   *
   * @throws ProblemError 409 when it was sold before
   */
  release(id: string, owner: Owner): Promise<Reservation> {
    return this.dataSource.transaction(async (manager) => {
      const reservation = await selectOne(manager, id, owner, { lock: true });
      if (reservation.state === 'sold') throw alreadyFinished('sold');
      if (reservation.state !== 'held') return reservation;
      await setState(manager, id, 'released');
      await returnStock(manager, id);
      return { ...reservation, state: 'released' };
    });
  }
}

const alreadyFinished = (state: Exclude<Reservation['state'], 'held'>) =>
  new ProblemError(409, `reservation_${state}`, `The reservation is ${state} already`);
