import { RowAccessPolicy, type RowAccess } from '@latchkey/service-authentication';

/** The condition on the reservations that a caller may change. */
export interface ReservationAccess extends RowAccess {
  readonly orderId?: string;
}

export const rowAccess = new RowAccessPolicy('inventory:admin');
