import { LATENCY_BOUNDS_MS, RequestMeter } from './request-meter';
import { RequestMeters } from './request-meters';
import { GatewayFixture, reply, TOKEN } from './testing/gateway-fixture';

const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0);

describe('RequestMeter', () => {
  it('[OBS-5] counts a request under its status and in the bucket of its time, bounds included', () => {
    const meter = new RequestMeter();
    for (const [status, ms] of [
      [200, 0.5],
      [299, 0.51],
      [404, 30_000],
      [499, 30_001],
      [503, 7],
    ] as const) {
      meter.begin();
      meter.end(status, ms, 10, 100);
    }
    expect([...meter.byClass]).toEqual([0, 0, 2, 0, 2, 1]);
    expect(meter.byLatency.length).toBe(LATENCY_BOUNDS_MS.length + 1);
    expect(meter.byLatency[0]).toBe(1);
    expect(meter.byLatency[1]).toBe(1);
    expect(meter.byLatency[LATENCY_BOUNDS_MS.indexOf(10)]).toBe(1);
    expect([...meter.byLatency.slice(-2)]).toEqual([1, 1]);
    expect(meter.latencyMs).toBeCloseTo(60_009.01);
    expect(meter).toMatchObject({ inFlight: 0, receivedBytes: 50, sentBytes: 500 });
  });

  it('[OBS-5] counts a WebSocket apart, but one that was refused as a request', () => {
    const meter = new RequestMeter();
    meter.beginWebSocket();
    meter.beginWebSocket();
    expect(meter).toMatchObject({ webSockets: 2, inFlight: 0 });
    meter.endWebSocket(101, 60_000, 3, 4);
    expect(sum(meter.byClass)).toBe(0);
    meter.endWebSocket(403, 1, 0, 90);
    expect(meter).toMatchObject({ webSockets: 0, webSocketsEnded: 1, receivedBytes: 3, sentBytes: 94 });
    expect(meter.byClass[4]).toBe(1);
    expect(sum(meter.byLatency)).toBe(1);
  });
});

describe('RequestMeters', () => {
  it('[OBS-5] has one for each plugin, whatever the case, and forgets those that are gone', () => {
    const meters = new RequestMeters();
    const acme = meters.of('acme');
    expect(meters.of('Acme')).toBe(acme);
    expect(meters.of('other')).not.toBe(acme);
    meters.retain(new Set(['acme']));
    expect(meters.of('acme')).toBe(acme);
    expect(sum(meters.of('other').byClass)).toBe(0);
  });
});

describe('the gateway', () => {
  let fixture: GatewayFixture;
  let meter: RequestMeter;

  beforeEach(async () => {
    fixture = new GatewayFixture();
    meter = new RequestMeter();
    Object.assign(fixture.acme, { meter });
    await fixture.start();
  });
  afterEach(() => fixture.stop());

  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${fixture.port}${path}`, { headers: { authorization: TOKEN }, ...init });

  it('[OBS-5] tells the meter of a request when it begins and when it is over', async () => {
    fixture.acme.answer = () => {
      expect(meter.inFlight).toBe(1);
      return Promise.resolve(reply({ body: 'four' }));
    };
    await (await ask('/plugins/acme/x', { method: 'POST', body: 'body!' })).text();
    await fixture.accessLog.first();
    expect([...meter.byClass]).toEqual([0, 0, 1, 0, 0, 0]);
    expect(meter).toMatchObject({ inFlight: 0, receivedBytes: 5, sentBytes: 4 });
    expect(sum(meter.byLatency)).toBe(1);
    expect(meter.latencyMs).toBeGreaterThan(0);
  });

  it('[OBS-5] counts what the host answers for the plugin too, and nothing of other names', async () => {
    await ask('/plugins/nobody/x');
    fixture.acme.state = 'backoff';
    await ask('/plugins/acme/x');
    await ask('/plugins/acme/x', { headers: {} });
    while (fixture.accessLog.records.length < 3) await new Promise(setImmediate);
    expect([...meter.byClass]).toEqual([0, 0, 0, 0, 1, 1]);
    expect(meter.inFlight).toBe(0);
  });
});
