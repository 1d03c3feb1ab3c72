import fc from 'fast-check';
import { traceparentOf } from './diagnostics.js';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const id = (length: number) => hex(length).filter((text) => /[^0]/.test(text));
const valid = fc
  .tuple(id(32), id(16), hex(2))
  .map(([traceId, spanId, flags]) => `00-${traceId}-${spanId}-${flags}`);

describe('traceparentOf', () => {
  it('returns every valid traceparent of version 00', () => {
    fc.assert(fc.property(valid, (text) => expect(traceparentOf([text])).toBe(text)));
  });

  it('ignores several values', () => {
    fc.assert(
      fc.property(fc.array(valid, { minLength: 2 }), (values) =>
        expect(traceparentOf(values)).toBeUndefined(),
      ),
    );
  });

  it('ignores whatever else a header may contain', () => {
    const mutation = fc
      .tuple(valid, fc.nat(54), fc.string({ maxLength: 2 }))
      .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1))
      .filter((text) => !/^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(text));
    const other = fc.oneof(
      mutation,
      fc.string(),
      valid.map((text) => text.toUpperCase() + ' '),
    );
    fc.assert(fc.property(other, (text) => expect(traceparentOf([text])).toBeUndefined()));
    for (const none of [undefined, [], ['']]) expect(traceparentOf(none)).toBeUndefined();
    for (const zero of [
      `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
      `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
    ])
      expect(traceparentOf([zero])).toBeUndefined();
  });
});
