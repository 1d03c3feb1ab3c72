import type { PageQuery, Product, ProductListReply } from '@latchkey/shop-contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface ProductRow {
  id: string;
  sku: string;
  name: string;
  price_minor_units: number;
  currency: string;
  available: number;
}

// float8 holds every integer that the column's check lets in; pg gives a bigint as text.
const COLUMNS = 'id, sku, name, price_minor_units::float8, currency, available';

const fromRow = ({ price_minor_units, currency, ...row }: ProductRow): Product => ({
  ...row,
  price: { minorUnits: price_minor_units, currency },
});

@Injectable()
export class ProductStore {
  constructor(private readonly dataSource: DataSource) {}

  async list({ limit, after }: PageQuery): Promise<ProductListReply> {
    const rows = await this.dataSource.query<ProductRow[]>(
      `SELECT ${COLUMNS} FROM products
       WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2 + 1`,
      [after ?? null, limit],
    );
    const products = rows.slice(0, limit).map(fromRow);
    return { products, ...(rows.length > limit && { next: products.at(-1)!.id }) };
  }

  async find(id: string): Promise<Product | undefined> {
    const [row] = await this.dataSource.query<ProductRow[]>(
      `SELECT ${COLUMNS} FROM products WHERE id = $1`,
      [id],
    );
    return row && fromRow(row);
  }
}
