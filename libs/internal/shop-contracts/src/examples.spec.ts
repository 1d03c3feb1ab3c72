import type { z } from 'zod';
import { SHOP_EXAMPLES } from './examples.js';
import * as shop from './index.js';

const schemas: Readonly<Record<string, unknown>> = { ...shop };

describe.each(Object.entries(SHOP_EXAMPLES))('each example of %s', (name, examples) => {
  it.each(Object.entries(examples))('fits its schema, without other members: %s', (_, example) => {
    const schema = schemas[name] as z.ZodType;
    expect(schema.parse(example)).toEqual(example);
  });
});
