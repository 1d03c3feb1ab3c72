import { readFileSync } from 'node:fs';
import { Environment } from './config.js';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('the environment', () => {
  it.each(Object.keys(Environment.shape))('has %s in the table of the README', (name) => {
    expect(README).toMatch(new RegExp(`^\\|[^|]*\`${name}\``, 'm'));
  });
});
