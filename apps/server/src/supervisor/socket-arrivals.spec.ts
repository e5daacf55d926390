import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SocketArrivals } from './socket-arrivals';

/** Far beyond what a test may take: whoever waits for it in full fails. */
const LONG_MS = 600_000;

describe('SocketArrivals', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync('/tmp/toru-arr-');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('[PRO-2] tells each who waits of its own socket, at once', async () => {
    const arrivals = new SocketArrivals(directory);
    const [one, other] = ['one', 'other'].map((name) => arrivals.expect(join(directory, name)));
    writeFileSync(join(directory, 'one'), '');
    expect(await one?.within(LONG_MS)).toBe(true);
    expect(await other?.within(1)).toBe(false);
    one?.end();
    writeFileSync(join(directory, 'other'), '');
    expect(await other?.within(LONG_MS)).toBe(true);
    other?.end();
  });

  it('[PRO-2] watches again for whoever comes after all had gone', async () => {
    const arrivals = new SocketArrivals(directory);
    arrivals.expect(join(directory, 'one')).end();
    const later = arrivals.expect(join(directory, 'later'));
    writeFileSync(join(directory, 'later'), '');
    expect(await later.within(LONG_MS)).toBe(true);
    later.end();
  });

  it('[PRO-2] lets whoever waits look by itself where nothing can be watched', async () => {
    const arrival = new SocketArrivals(join(directory, 'missing')).expect(join(directory, 'missing/one'));
    expect(await arrival.within(1)).toBe(false);
    arrival.end();
  });
});
