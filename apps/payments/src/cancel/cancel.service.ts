import type { CancelPaymentRequest, Payment } from '@latchkey/contracts/shop-api';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COLUMNS, fromRow, type PaymentRow } from '../payments/payment-row.js';

@Injectable()
export class CancelService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Whoever asked for a charge and heard nothing cannot tell whether it happened, or still will.
   * So an order without a payment gets a cancelled one, which a late charge then finds.
   */
  async cancel(userId: string, { orderId, amount }: CancelPaymentRequest): Promise<Payment> {
    const [row] = await this.dataSource.query<[PaymentRow]>(
      `INSERT INTO payments (user_id, order_id, state, amount_minor_units, currency)
       VALUES ($1, $2, 'cancelled', $3, $4)
       ON CONFLICT (user_id, order_id) DO UPDATE SET state =
         CASE payments.state WHEN 'captured' THEN 'refunded' ELSE payments.state END
       RETURNING ${COLUMNS}`,
      [userId, orderId, amount.minorUnits, amount.currency],
    );
    return fromRow(row);
  }
}
