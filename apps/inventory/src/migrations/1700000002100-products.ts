import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The shop's products: SKU, name, price in cents, stock. */
const ASSORTMENT: readonly [string, string, number, number][] = [
  ['CYL-10', 'Door cylinder, 10 keys', 8_990, 10_000],
  ['PAD-40', 'Brass padlock, 40 mm', 1_490, 5_000],
  ['PAD-60', 'Weatherproof padlock, 60 mm', 2_950, 2_500],
  ['BLT-02', 'Barrel bolt, steel', 990, 5_000],
  ['LAT-01', 'Night latch, brass', 4_450, 1_000],
  ['HSP-11', 'Hasp and staple, 110 mm', 1_275, 2_000],
  ['MOR-72', 'Mortise lock, 72 mm', 3_690, 1_500],
  ['CHN-01', 'Door chain', 1_150, 3_000],
  ['VWR-20', 'Door viewer, wide angle', 1_899, 1_200],
  ['KSF-05', 'Key safe, five keys', 5_400, 800],
  ['SAF-30', 'Wall safe, 30 litres', 24_900, 60],
  ['VLT-01', 'Vault door', 1_249_000, 5],
];

export class Products1700000002100 implements MigrationInterface {
  readonly name = 'Products1700000002100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE products (
        id uuid PRIMARY KEY,
        sku text NOT NULL UNIQUE,
        name text NOT NULL,
        price_minor_units bigint NOT NULL CHECK (price_minor_units BETWEEN 0 AND 9007199254740991),
        currency char(3) NOT NULL,
        available integer NOT NULL CHECK (available >= 0)
      )`);
    for (const [index, [sku, name, price, stock]] of ASSORTMENT.entries()) {
      await runner.query(
        `INSERT INTO products (id, sku, name, price_minor_units, currency, available)
         VALUES ($1, $2, $3, $4, 'EUR', $5)`,
        [productId(index + 1), sku, name, price, stock],
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE products');
  }
}

/** Product ids are the same in every installation, so that examples can use them. */
const productId = (number: number) => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
