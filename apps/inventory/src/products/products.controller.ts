import { IdParameter, PageQuery, Product, ProductListReply } from '@latchkey/shop-contracts';
import { ApiCaller, notFound } from '@latchkey/service-kit';
import { RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProductStore } from './product-store.js';

@ApiTags('products')
@ApiCaller()
@RequireScopes('inventory:read')
@Controller('products')
export class ProductsController {
  constructor(private readonly products: ProductStore) {}

  @Get()
  @ApiOperation({
    operationId: 'listProducts',
    summary: 'List products with their prices and stock',
  })
  @ApiOkResponse({ standardSchema: ProductListReply })
  list(@Query({ schema: PageQuery }) page: PageQuery): Promise<ProductListReply> {
    return this.products.list(page);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getProduct', summary: 'Get a product' })
  @ApiOkResponse({ standardSchema: Product })
  @ApiNotFoundResponse({ description: 'No product has this id' })
  async one(@Param('id', { schema: IdParameter }) id: string): Promise<Product> {
    const product = await this.products.find(id);
    if (!product) throw notFound('product');
    return product;
  }
}
