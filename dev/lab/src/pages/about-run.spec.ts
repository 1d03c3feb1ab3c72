import { aboutRun } from './about-run.js';
import { makeRun } from '../../test/run-fixture.js';

describe('aboutRun', () => {
  it('does not mention promises that held', () => {
    expect(String(aboutRun(makeRun('outage')))).not.toContain('Not held');
  });

  it('lists what did not hold, escaped', () => {
    const complaints = ['NATS did not come back: <no space left>', 'jwt-accept did not recover'];
    const page = String(aboutRun(makeRun('outage', { held: false, complaints })));
    expect(page).toContain('Not held');
    expect(page).toContain('<li>NATS did not come back: &lt;no space left&gt;</li>');
    expect(page).toContain('<li>jwt-accept did not recover</li>');
  });
});
