import type { PageQuery, Payment, PaymentListReply } from '@latchkey/contracts/shop-api';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COLUMNS, fromRow, paymentNotFound, type PaymentRow } from './payment-row.js';
import type { Owner } from './reach.js';

@Injectable()
export class PaymentReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  async list(owner: Owner, { limit, after }: PageQuery): Promise<PaymentListReply> {
    const rows = await this.dataSource.query<PaymentRow[]>(
      `SELECT ${COLUMNS} FROM payments
       WHERE ($1::text IS NULL OR user_id = $1) AND ($2::uuid IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [ownerParameter(owner), after ?? null, limit + 1],
    );
    const payments = rows.slice(0, limit).map(fromRow);
    return { payments, ...(rows.length > limit && { next: payments.at(-1)!.id }) };
  }

  /** @throws ProblemError 404, also for a payment of somebody else */
  async find(id: string, owner: Owner): Promise<Payment> {
    const [row] = await this.dataSource.query<PaymentRow[]>(
      `SELECT ${COLUMNS} FROM payments WHERE id = $1 AND ($2::text IS NULL OR user_id = $2)`,
      [id, ownerParameter(owner)],
    );
    if (!row) throw paymentNotFound();
    return fromRow(row);
  }
}

const ownerParameter = (owner: Owner) => (owner === 'anybody' ? null : owner);
