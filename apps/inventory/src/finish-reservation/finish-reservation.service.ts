import type { Reservation } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ReservationAccess } from '../reservations/row-access.js';
import { lockReservation, setState } from '../reservations/reservation-store.js';
import { returnStock } from '../reserve/stock.js';

@Injectable()
export class FinishReservationService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Sells the held stock. A reservation that is overdue but not swept yet can still be sold.
   *
   * @throws ProblemError 409 if the stock was returned before
   */
  sell(id: string, access: ReservationAccess): Promise<Reservation> {
    return this.dataSource.transaction(async (manager) => {
      const reservation = await lockReservation(manager, id, access);
      if (reservation.state === 'sold') return reservation;
      if (reservation.state !== 'held') throw alreadyFinished(reservation.state);
      await setState(manager, id, 'sold');
      return { ...reservation, state: 'sold' };
    });
  }

  /**
   * Returns the held stock, once.
   *
   * @throws ProblemError 409 if it was sold before
   */
  release(id: string, access: ReservationAccess): Promise<Reservation> {
    return this.dataSource.transaction(async (manager) => {
      const reservation = await lockReservation(manager, id, access);
      if (reservation.state === 'sold') throw alreadyFinished('sold');
      if (reservation.state !== 'held') return reservation;
      await setState(manager, id, 'released');
      await returnStock(manager, id);
      return { ...reservation, state: 'released' };
    });
  }
}

const alreadyFinished = (state: Exclude<Reservation['state'], 'held'>) =>
  new ProblemError(409, `reservation_${state}`, `The reservation is already ${state}`);
