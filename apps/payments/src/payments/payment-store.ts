import type { RowAccess } from '@latchkey/service-authentication';
import { pageOf, returnedEntities } from '@latchkey/service-kit';
import type { PageQuery, Payment, PaymentListReply } from '@latchkey/shop-contracts';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import { PaymentEntity } from './payment.entity.js';
import { toPayment } from './to-payment.js';

export type PaymentAttempt = Pick<
  PaymentEntity,
  'userId' | 'orderId' | 'state' | 'amountMinorUnits' | 'currency' | 'method'
>;

@Injectable()
export class PaymentStore {
  constructor(
    @InjectRepository(PaymentEntity) private readonly payments: Repository<PaymentEntity>,
  ) {}

  /** @returns the order's payment: this attempt if it is the first, otherwise the earlier one */
  async insertOnce(attempt: PaymentAttempt): Promise<PaymentEntity> {
    const result = await this.payments
      .createQueryBuilder()
      .insert()
      .values(attempt)
      .orIgnore()
      .returning('*')
      .updateEntity(false)
      .execute();
    const [inserted] = returnedEntities(this.payments, result);
    if (inserted) return inserted;
    const { userId, orderId } = attempt;
    return this.payments.findOneByOrFail({ userId, orderId });
  }

  /** Refunds a captured payment, and leaves any other as it is. */
  async refund(id: string): Promise<Payment | undefined> {
    await this.payments.update({ id, state: 'captured' }, { state: 'refunded' });
    return this.find(id, {});
  }

  /** Newest first. */
  async list(access: RowAccess, { limit, after }: PageQuery): Promise<PaymentListReply> {
    const rows = await this.payments.find({
      where: { ...access, ...(after !== undefined && { id: LessThan(after) }) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const { items, next } = pageOf(rows.map(toPayment), limit);
    return { payments: items, ...next };
  }

  async find(id: string, access: RowAccess): Promise<Payment | undefined> {
    const payment = await this.payments.findOneBy({ ...access, id });
    return payment ? toPayment(payment) : undefined;
  }
}
