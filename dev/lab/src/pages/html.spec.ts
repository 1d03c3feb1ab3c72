import { html, trusted } from './html.js';

const text = (page: { toString(): string }) => page.toString();

describe('html', () => {
  it('escapes data in text and in attributes', () => {
    const evil = `<script>alert("1")</script>' onload='x' &amp;`;
    const page = text(html`<p title="${evil}">${evil}</p>`);
    expect(page).not.toMatch(/<script|" onload|' onload/);
    expect(page).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x&#39; &amp;amp;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x&#39; &amp;amp;</p>',
    );
  });

  it('escapes the items of nested lists', () => {
    expect(text(html`<p>${['<', ['>', html`<b>${'&'}</b>`]]}</p>`)).toBe(
      '<p>&lt;&gt;<b>&amp;</b></p>',
    );
  });

  it('escapes nested markup only once', () => {
    const inner = html`<i>${'a & b'}</i>`;
    expect(text(html`<div>${html`<p>${inner}</p>`}</div>`)).toBe(
      '<div><p><i>a &amp; b</i></p></div>',
    );
  });

  it('leaves out undefined and false, but not zero', () => {
    expect(text(html`[${undefined}${false}${0}${''}]`)).toBe('[0]');
  });

  it('inserts trusted markup unchanged', () => {
    expect(text(html`${trusted('<svg></svg>')}`)).toBe('<svg></svg>');
  });
});
