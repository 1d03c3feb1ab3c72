import { aboutRun } from './about-run.js';
import { makeRun } from './run-fixture.js';

describe('aboutRun', () => {
  it('says nothing of promises that were kept', () => {
    expect(String(aboutRun(makeRun('outage')))).not.toContain('Not held');
  });

  it('says what was not held, whatever is in it', () => {
    const complaints = ['NATS did not come back: <no space left>', 'jwt-accept did not recover'];
    const page = String(aboutRun(makeRun('outage', { held: false, complaints })));
    expect(page).toContain('Not held');
    expect(page).toContain('<li>NATS did not come back: &lt;no space left&gt;</li>');
    expect(page).toContain('<li>jwt-accept did not recover</li>');
  });
});
