import { ResourceHistory } from './resource-history';

describe('ResourceHistory', () => {
  it('[OBS-5] sums up what the processes of a plugin have used, also those that have ended', () => {
    const history = new ResourceHistory();
    expect(history.cpuSeconds('acme')).toBeUndefined();
    history.used('acme', 1.5);
    history.used('Acme', 0.25);
    history.measured([]);
    expect(history.cpuSeconds('acme')).toBe(1.75);
    expect(history.latest('acme')).toBeNull();
  });
});
