import type { Payment, PayRequest } from '@latchkey/contracts/shop-api';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COLUMNS, fromRow, type PaymentRow } from '../payments/payment-row.js';
import { chargeTestProcessor } from './test-processor.js';

@Injectable()
export class ChargeService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Charges an order once, however often it is asked to. A declined charge is an answer, not an
   * error; so is an order that was cancelled before the charge came.
   *
   * @throws ProblemError 409 when the order was charged with something else
   */
  async charge(userId: string, request: PayRequest): Promise<Payment> {
    const { orderId, amount, method } = request;
    const [inserted] = await this.dataSource.query<PaymentRow[]>(
      `INSERT INTO payments (user_id, order_id, state, amount_minor_units, currency, method)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, order_id) DO NOTHING
       RETURNING ${COLUMNS}`,
      [userId, orderId, chargeTestProcessor(method), amount.minorUnits, amount.currency, method],
    );
    return fromRow(inserted ?? (await this.#existing(userId, request)));
  }

  async #existing(userId: string, { orderId, amount, method }: PayRequest): Promise<PaymentRow> {
    const [row] = await this.dataSource.query<PaymentRow[]>(
      `SELECT ${COLUMNS} FROM payments WHERE user_id = $1 AND order_id = $2`,
      [userId, orderId],
    );
    if (!row) throw new Error('a payment that was in the way is gone, though none is ever removed');
    const same =
      row.amount_minor_units === amount.minorUnits &&
      row.currency === amount.currency &&
      (row.method === method || row.method === null);
    if (!same) throw orderIdReused();
    return row;
  }
}

const orderIdReused = () =>
  new ProblemError(409, 'order_id_reused', 'This order was charged with something else', {
    errors: [
      { in: 'body', field: '/orderId', message: 'was used with another amount or another method' },
    ],
  });
