import type { Payment } from '@latchkey/contracts/shop-api';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COLUMNS, fromRow, paymentNotFound, type PaymentRow } from '../payments/payment-row.js';

@Injectable()
export class RefundService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Gives the money back, once.
   *
   * @throws ProblemError 404, or 409 for a payment that took no money
   */
  async refund(id: string): Promise<Payment> {
    const [[row]] = await this.dataSource.query<[PaymentRow[], number]>(
      `UPDATE payments SET state =
         CASE state WHEN 'captured' THEN 'refunded' ELSE state END
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    );
    if (!row) throw paymentNotFound();
    if (row.state !== 'refunded') throw nothingToRefund(row.state);
    return fromRow(row);
  }
}

const nothingToRefund = (state: Payment['state']) =>
  new ProblemError(409, 'nothing_to_refund', `The payment is ${state}: it took no money`);
