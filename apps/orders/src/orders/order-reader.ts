import type { RowAccess } from '@latchkey/service-authentication';
import type { Order, OrderListReply, PageQuery } from '@latchkey/shop-contracts';
import { notFound, pageOf } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import { OrderEntity } from './order.entity.js';
import { toOrder } from './to-order.js';

@Injectable()
export class OrderReader {
  constructor(@InjectRepository(OrderEntity) private readonly orders: Repository<OrderEntity>) {}

  /** Newest first. */
  async list(access: RowAccess, { limit, after }: PageQuery): Promise<OrderListReply> {
    const rows = await this.orders.find({
      where: { ...access, ...(after !== undefined && { id: LessThan(after) }) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const { items, next } = pageOf(rows.map(toOrder), limit);
    return { orders: items, ...next };
  }

  /** @throws ProblemError 404, also for an order that the caller may not see */
  async find(id: string, access: RowAccess): Promise<Order> {
    const order = await this.orders.findOneBy({ ...access, id });
    if (!order) throw notFound('order');
    return toOrder(order);
  }
}
