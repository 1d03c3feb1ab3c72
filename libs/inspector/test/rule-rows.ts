import type { Expectations, JudgeOptions, RuleId } from '../src/index.js';
import { GOOD_CLAIMS, GOOD_HEADER, judge, lineOf, signed } from './making-tokens.js';

/** How a token differs from a good one, and what it is judged by. */
export interface Given extends Partial<JudgeOptions> {
  readonly header?: object;
  /** Members that replace those of a good token; `undefined` removes one. */
  readonly claims?: object;
  /** Instead of a signed token. */
  readonly token?: string | Promise<string>;
  readonly keyText?: string;
}

/** What a rule says of a token. */
export type RuleRow = readonly [rule: RuleId, given: Given, line: RegExp];

export const expecting = (expectations: Expectations): Given => ({ expectations });

/** Defines one test for each row, and one that shows that these rules have rows. */
export function describeRules(rules: readonly RuleId[], rows: readonly RuleRow[]): void {
  describe.each([...rules])('the rule %s', (rule) => {
    const own = rows.filter(([name]) => name === rule);

    it('has rows', () => expect(own).not.toEqual([]));

    it.each(own)('of %s, given %j, says %s', async (_, given, line) => {
      const { header = {}, claims = {}, token, ...options } = given;
      const good = () => signed({ ...GOOD_HEADER, ...header }, { ...GOOD_CLAIMS, ...claims });
      const { checks } = await judge(await (token ?? good()), options);
      expect(lineOf(checks, rule)).toMatch(line);
    });
  });

  it('each say why they matter', async () => {
    const { checks } = await judge(await signed());
    const own = checks.filter(({ rule }) => rules.includes(rule));
    expect(own.map(({ rule }) => rule)).toEqual(rules);
    for (const { title, why, reference } of own) {
      expect(title).toMatch(/^[A-Z]/);
      expect(why).toMatch(/^[A-Z].*\.$/);
      expect(reference).toMatch(/RFC \d/);
    }
  });
}
