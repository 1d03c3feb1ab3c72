import fc from 'fast-check';
import { printable, printableJson } from './printable.js';

const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe('printable text', () => {
  it('has no character that a terminal acts on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(CONTROLS);
      }),
    );
  });

  it('is otherwise unchanged', () => {
    expect(printable('Νίκος ガギグ हिन्दी ada+1@example.com 🦊')).toBe(
      'Νίκος ガギグ हिन्दी ada+1@example.com 🦊',
    );
  });
});

describe('printable JSON', () => {
  it('is one line without control characters, and means the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = printableJson({ text });
        expect(json).not.toMatch(CONTROLS);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });

  it('escapes a format character outside the first plane as two units', () => {
    expect(printableJson('\u{e0001}')).toBe('"\\udb40\\udc01"');
  });
});
