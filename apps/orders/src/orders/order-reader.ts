import type { Order, OrderListReply, PageQuery } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COLUMNS, fromRow, type OrderRow } from './order-row.js';
import type { Owner } from './reach.js';

@Injectable()
export class OrderReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  async list(owner: Owner, { limit, after }: PageQuery): Promise<OrderListReply> {
    const rows = await this.dataSource.query<OrderRow[]>(
      `SELECT ${COLUMNS} FROM orders
       WHERE ($1::text IS NULL OR user_id = $1) AND ($2::uuid IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [owner, after ?? null, limit + 1],
    );
    const orders = rows.slice(0, limit).map(fromRow);
    return { orders, ...(rows.length > limit && { next: orders.at(-1)!.id }) };
  }

  /** @throws ProblemError 404, also for an order of somebody else */
  async find(id: string, owner: Owner): Promise<Order> {
    const [row] = await this.dataSource.query<OrderRow[]>(
      `SELECT ${COLUMNS} FROM orders WHERE id = $1 AND ($2::text IS NULL OR user_id = $2)`,
      [id, owner],
    );
    if (!row) throw new ProblemError(404, 'order_not_found', 'There is no such order');
    return fromRow(row);
  }
}
