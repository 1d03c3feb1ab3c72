import type { PageQuery, Product, ProductListReply } from '@latchkey/shop-contracts';
import { pageOf } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import { ProductEntity } from './product.entity.js';

@Injectable()
export class ProductStore {
  constructor(
    @InjectRepository(ProductEntity) private readonly products: Repository<ProductEntity>,
  ) {}

  async list({ limit, after }: PageQuery): Promise<ProductListReply> {
    const rows = await this.products.find({
      where: { ...(after !== undefined && { id: MoreThan(after) }) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    const { items, next } = pageOf(rows.map(toProduct), limit);
    return { products: items, ...next };
  }

  async find(id: string): Promise<Product | undefined> {
    const product = await this.products.findOneBy({ id });
    return product ? toProduct(product) : undefined;
  }
}

const toProduct = ({ priceMinorUnits, currency, ...entity }: ProductEntity): Product => ({
  ...entity,
  price: { minorUnits: priceMinorUnits, currency },
});
