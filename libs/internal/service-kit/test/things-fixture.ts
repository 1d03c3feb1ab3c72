import { Body, Controller, Get, Header, Module, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { ProblemError, unavailable } from '../src/index.js';

const Thing = z.strictObject({
  name: z.string().min(1),
  parts: z.array(z.strictObject({ count: z.number().int() })).default([]),
});

@Controller('things')
class ThingsController {
  @Post()
  create(@Body({ schema: Thing }) thing: z.infer<typeof Thing>) {
    return thing;
  }
  @Get('public')
  @Header('cache-control', 'public, max-age=60')
  public() {
    return {};
  }
  @Post('bodiless')
  bodiless() {
    return { done: true };
  }
  @Get('broken')
  broken(): never {
    throw new Error('secret detail');
  }
  @Get('away')
  away(): never {
    throw unavailable('store_away', 'The store is away');
  }
  @Get('taken')
  taken(): never {
    throw new ProblemError(409, 'taken', 'It is taken', { detail: 'choose another' });
  }
  @Get('foreign-refusal')
  foreignRefusal(): never {
    throw Object.assign(new Error('not yours'), { statusCode: 404 });
  }
  @Get('slow')
  async slow() {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { slow: true };
  }
  @Get('search')
  search(@Query({ schema: z.strictObject({ limit: z.coerce.number().int() }) }) query: object) {
    return query;
  }
  @Get(':id')
  one(@Param('id', { schema: z.uuid() }) id: string) {
    return { id };
  }
}

/** Routes for tests of what every service does around a controller. */
@Module({ controllers: [ThingsController] })
export class ThingsModule {}
