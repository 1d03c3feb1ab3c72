import { notFound } from '@latchkey/service-kit';
import type { Reservation } from '@latchkey/shop-contracts';
import type { EntityManager } from 'typeorm';
import { ReservationEntity } from './reservation.entity.js';
import type { ReservationAccess } from './row-access.js';

const FOR_UPDATE = { mode: 'pessimistic_write' } as const;

/** @throws ProblemError 404, also for a reservation that the caller may not see */
export async function findReservation(
  manager: EntityManager,
  id: string,
  access: ReservationAccess,
): Promise<Reservation> {
  return found(await manager.findOneBy(ReservationEntity, { ...access, id }));
}

/**
 * Locks the reservation until the transaction ends.
 *
 * @throws ProblemError 404, also for a reservation that the caller may not see
 */
export async function lockReservation(
  manager: EntityManager,
  id: string,
  access: ReservationAccess,
): Promise<Reservation> {
  const where = { ...access, id };
  return found(await manager.findOne(ReservationEntity, { where, lock: FOR_UPDATE }));
}

/** Locks the reservation of an order, if there is one. */
export async function lockReservationOfOrder(
  manager: EntityManager,
  userId: string,
  orderId: string,
): Promise<Reservation | undefined> {
  const where = { userId, orderId };
  const entity = await manager.findOne(ReservationEntity, { where, lock: FOR_UPDATE });
  return entity ? toReservation(entity) : undefined;
}

export async function setState(
  manager: EntityManager,
  id: string,
  state: Reservation['state'],
): Promise<void> {
  await manager.update(ReservationEntity, { id }, { state });
}

function found(entity: ReservationEntity | null): Reservation {
  if (entity) return toReservation(entity);
  throw notFound('reservation');
}

export function toReservation(entity: ReservationEntity): Reservation {
  const { id, orderId, userId, state, currency } = entity;
  return {
    ...{ id, orderId, userId, state },
    lines: entity.lines.map(({ unitPrice, ...line }) => ({
      ...line,
      unitPrice: { minorUnits: unitPrice, currency },
    })),
    total: { minorUnits: entity.totalMinorUnits, currency },
    expiresAt: entity.expiresAt.toISOString(),
  };
}
