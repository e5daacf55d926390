import { ProcessTable, SpawnError } from '../common';
import { PluginGreetingError, PluginRefusedError } from '../protocol';
import { NO_FAILURES } from './failure-record';
import { PluginActor } from './plugin-actor';
import { ActorStage, type Wire } from './testing/actor-stage';

let stage: ActorStage;
beforeEach(() => {
  stage = new ActorStage();
});
afterEach(() => stage.end());

describe('PluginActor', () => {
  it('[LIF-1] enables: saves, spawns, waits until it is ready; a second time it does nothing', async () => {
    expect(await stage.actor.enable()).toBe('enabled');
    expect(stage.actor.status).toMatchObject({ state: 'running', pid: stage.runs[0]?.pid, reason: null });
    expect(await stage.actor.enable()).toBe('already_enabled');
    expect(stage.runs).toHaveLength(1);
    expect(stage.saved).toEqual([true, true]);
    expect(stage.events).toEqual(['enabled', 'started']);
  });

  it('[LIF-1] [SUP-2] one that has ended is never taken for ready, while its last words are still read', async () => {
    stage.listens = false;
    stage.command = 'exit 1';
    stage.drained = new Promise(() => undefined);

    await expect(stage.actor.enable()).rejects.toMatchObject({ code: 'plugin_start_failed' });
    expect(stage.events).toEqual(['enabled', 'crashed']);
  });

  it('[LIF-2] disables: saves, stops, ends the process; a second time it does nothing', async () => {
    await stage.actor.enable();
    expect(await stage.actor.disable()).toBe('disabled');
    expect(stage.actor.status).toMatchObject({ state: 'disabled', pid: null, reason: null });
    expect(stage.wires[0]?.closed).toBe(true);
    expect(await stage.actor.disable()).toBe('already_disabled');
    expect(stage.events).toEqual(['enabled', 'started', 'disabled', 'stopped']);
  });

  it('[PRO-5] asks, then SIGTERM, then SIGKILL to the group', async () => {
    stage.command = 'trap "" TERM; echo deaf; while :; do sleep 600; done';
    await stage.actor.enable();
    await stage.become(() => stage.said.includes('deaf'));
    await stage.actor.disable();
    const steps = stage.journal.map((entry) => entry.action);
    expect(steps.slice(steps.indexOf('disable'))).toEqual(['disable', 'shutdown', 'SIGTERM', 'SIGKILL', 'stopped']);
  });

  it('[PRO-5] goes no further where it has ended in time, however late the host hears of it and whatever is left to do', async () => {
    stage.drained = new Promise(() => undefined);
    await stage.actor.enable();
    const pid = stage.actor.status.pid ?? 0;
    const table = new ProcessTable();
    const still = new Int32Array(new SharedArrayBuffer(4));
    const standStill = (): void => {
      while (table.stat(pid)?.state !== 'Z') Atomics.wait(still, 0, 0, 5);
      Atomics.wait(still, 0, 0, stage.killDelayMs + 50);
    };
    const { journal } = stage.ports;
    stage.ports.journal = (entry) => {
      journal(entry);
      // once the signal is out, the host does not get to run until it has ended and the time for that is over
      if (entry.action === 'SIGTERM') queueMicrotask(standStill);
    };
    await stage.actor.disable();
    expect(stage.journal.map(({ action }) => action).slice(-3)).toEqual(['shutdown', 'SIGTERM', 'stopped']);
  });

  it('[SUP-2] [SUP-3] learns of a death at once and restarts after 1, 2, 4, 8, 16, 16 … seconds', async () => {
    await stage.actor.enable();
    const waits: (number | undefined)[] = [];
    for (let i = 0; i < 7; i++) {
      await stage.crash('backoff');
      expect(stage.actor.status.nextRetryAt).toBe(stage.clock.now() + (stage.clock.pending[0] ?? NaN));
      waits.push(stage.clock.pending[0]);
      stage.clock.advance((stage.clock.pending[0] ?? 0) - 1);
      expect(stage.state).toBe('backoff');
      stage.clock.advance(1);
      await stage.until('running');
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]);
    expect(stage.actor.status).toMatchObject({ restarts: 7, consecutiveCrashes: 7 });
    expect(stage.events.filter((event) => event === 'restarted')).toHaveLength(7);
  });

  it('faults 15: what the host lacks is no crash of the plugin: it is tried until it works, and told of once', async () => {
    const { spawn } = stage.ports;
    stage.ports.spawn = () => Promise.reject(new SpawnError('EMFILE', undefined));
    await expect(stage.actor.enable()).rejects.toMatchObject({ code: 'plugin_start_failed' });
    const waits: (number | undefined)[] = [];
    for (let i = 0; i < 12; i++) {
      expect(stage.actor.status).toMatchObject({ state: 'backoff', consecutiveCrashes: 0 });
      expect(stage.actor.status.reason).toMatch(/^the host cannot start it: .*EMFILE/);
      waits.push(stage.clock.pending[0]);
      const told = stage.journal.length;
      stage.clock.advance(16_000);
      await stage.become(() => stage.journal.slice(told).some(({ action }) => action === 'postponed'));
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, ...Array<number>(8).fill(16_000)]);

    stage.ports.spawn = spawn;
    stage.clock.advance(16_000);
    await stage.until('running');
    expect(stage.events).toEqual(['enabled', 'start_postponed', 'started']);
    expect(stage.reports).toEqual([]);
    await stage.crash('backoff');
    expect(stage.clock.pending[0]).toBe(1_000);
  });

  it('faults 15: a socket that the host has no descriptor for is no crash of the plugin either', async () => {
    stage.readyTimeoutMs = 20;
    const lacking = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
    stage.refusal = new Error('There are no file descriptors left', { cause: lacking });
    await expect(stage.actor.enable()).rejects.toMatchObject({ code: 'plugin_start_failed' });
    expect(stage.actor.status).toMatchObject({ state: 'backoff', consecutiveCrashes: 0 });
    expect(stage.events).toEqual(['enabled', 'start_postponed']);
    expect(stage.reports).toEqual([]);
  });

  it('[SUP-4] gives up after 10 crashes in a row: disabled, saved, with the reason', async () => {
    await stage.actor.enable();
    for (let i = 0; i < 9; i++) {
      await stage.crash('backoff');
      stage.clock.advance(16_000);
      await stage.until('running');
    }
    await stage.crash('disabled');
    expect(stage.saved).toEqual([true, false]);
    expect(stage.actor.status.reason).toBe(
      'Disabled: crashed 10 times in a row; the last time: it crashed. See GET /api/plugins/acme/crashes; ' +
        'POST /api/plugins/acme/reset to clear and enable again.',
    );
    expect(stage.events.at(-1)).toBe('disabled');
    expect(stage.clock.pending).toEqual([]);
    expect(await stage.actor.enable()).toBe('enabled');
    expect(stage.actor.status.consecutiveCrashes).toBe(0);
  });

  it('[SUP-4] counts from zero after it has stayed healthy', async () => {
    await stage.actor.enable();
    await stage.crash('backoff');
    stage.clock.advance(1_000);
    await stage.until('running');
    stage.clock.advance(60_000);
    expect(stage.actor.status.consecutiveCrashes).toBe(0);
    await stage.crash('backoff');
    expect(stage.actor.status.consecutiveCrashes).toBe(1);
  });

  it('[SUP-10] does not restart after an exit with status 78 and says why', async () => {
    stage.listens = false;
    stage.command = 'exit 78';
    await expect(stage.actor.enable()).rejects.toMatchObject({
      code: 'plugin_start_failed',
      message: expect.stringContaining('status 78; its last words: the last line') as string,
    });
    expect(stage.actor.status).toMatchObject({ state: 'failed' });
    expect(stage.clock.pending).toEqual([]);
  });

  describe('whose answer to init tells why it does not run', () => {
    /** It has ended by itself by the time that the host is about to end it. */
    const endsFirst = (): void => {
      const { journal } = stage.ports;
      const table = new ProcessTable();
      const still = new Int32Array(new SharedArrayBuffer(4));
      stage.ports.journal = (entry) => {
        journal(entry);
        if (entry.action !== 'not_ready') return;
        const pid = Number(entry.fields?.['pid']);
        process.kill(pid, 'SIGTERM');
        while (table.stat(pid)?.state !== 'Z') Atomics.wait(still, 0, 0, 5);
      };
    };
    const stays = (): void => undefined;
    const wrong = new PluginGreetingError(new Error('The protocol must be 2'));
    const failed = new PluginRefusedError('internal', 'no room for the index');

    it.each([
      ['breaks the protocol', wrong, stays],
      ['breaks the protocol, and ends', wrong, endsFirst],
      ['has failed', failed, stays],
      ['has failed, and ends', failed, endsFirst],
    ])('[PRO-8] [SUP-3] one that %s is greeted once, and started again with that reason', async (_, why, ends) => {
      ends();
      stage.refusal = why;
      const detail = expect.stringContaining(why.message) as string;
      await expect(stage.actor.enable()).rejects.toMatchObject({ code: 'plugin_start_failed', message: detail });
      expect(stage.wires.map(({ inits }) => inits)).toEqual([1]);
      expect(stage.actor.status).toMatchObject({ state: 'backoff', refusal: null, reason: why.message });
      expect(stage.reports).toMatchObject([{ why: why.message, readyForMs: 0 }]);
    });
  });

  it('[LIC-3] does not restart a plugin that refuses its licence, and says why', async () => {
    stage.refusal = new PluginRefusedError('license', 'the licence is for another instance.');
    await expect(stage.actor.enable()).rejects.toMatchObject({
      code: 'plugin_start_failed',
      message: expect.stringMatching(
        /the licence is for another instance\. It stays enabled, .* when its licence key changes/,
      ),
    });
    expect(stage.actor.status).toMatchObject({ state: 'failed', pid: null, refusal: 'license' });
    expect(stage.clock.pending).toEqual([]);
    expect(stage.events).toEqual(['enabled', 'failed', 'license_refused']);
    stage.refusal = undefined;
    await stage.actor.licenceChanged();
    expect(stage.actor.status).toMatchObject({ state: 'running', refusal: null, reason: null });
  });

  it('[LIC-3] starts again with the key of now a plugin that is still being started with the one before', async () => {
    let answer = (): void => undefined;
    stage.answersInit = new Promise((resolve) => (answer = resolve));
    stage.refusal = new PluginRefusedError('license', 'the key before');
    const refused = stage.actor.enable().catch((error: unknown) => error);
    await stage.become(() => stage.wires.length === 1);
    const started = stage.actor.licenceChanged();
    stage.refusal = undefined;
    answer();
    await started;
    await refused;
    expect(stage.runs).toHaveLength(2);
    expect(stage.actor.status).toMatchObject({ state: 'running' });
  });

  it('[LIC-5] leaves a plugin that runs, and one that nobody wants, as they are', async () => {
    await stage.actor.licenceChanged();
    expect(stage.runs).toHaveLength(0);
    await stage.actor.enable();
    await stage.actor.licenceChanged();
    expect(stage.runs).toHaveLength(1);
    expect(stage.state).toBe('running');
  });

  it('[SUP-3] ends and restarts a process whose connection is lost', async () => {
    await stage.actor.enable();
    stage.observers[0]?.lost('its connection was lost');
    stage.clock.advance(100);
    await stage.until('backoff');
    expect(stage.actor.status.reason).toBe('its connection was lost');
  });

  it('[SUP-2] one that was ended by somebody else tells so, though the end of its connection was heard of first', async () => {
    await stage.actor.enable();
    const pid = stage.actor.status.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    // the host does not get to run until the grace after that is over as well
    const still = new Int32Array(new SharedArrayBuffer(4));
    while (new ProcessTable().stat(pid)?.state !== 'Z') Atomics.wait(still, 0, 0, 5);
    stage.observers[0]?.lost('its connection was lost');
    stage.clock.advance(100);
    await stage.until('backoff');
    expect(stage.actor.status.reason).toBe('it was ended by SIGKILL; its last words: the last line');
    expect(stage.reports).toMatchObject([{ endedByHost: false }]);
  });

  it('faults 6: a socket that is never created ends in a clear error and a restart', async () => {
    stage.listens = false;
    stage.readyTimeoutMs = 100;
    await expect(stage.actor.enable()).rejects.toMatchObject({
      code: 'plugin_start_failed',
      message: expect.stringContaining('it made no socket at TORU_PLUGIN_SOCKET within 100 ms') as string,
    });
    expect(stage.state).toBe('backoff');
  });

  it('faults 13: a disable during a back-off wins, nothing is resurrected', async () => {
    await stage.actor.enable();
    await stage.crash('backoff');
    expect(await stage.actor.disable()).toBe('disabled');
    stage.clock.advance(1e9);
    await stage.actor.stop();
    expect(stage.state).toBe('disabled');
    expect(stage.runs).toHaveLength(1);
  });

  it('[LIF-5] faults 13: of commands in parallel the last accepted one wins, with one process at most', async () => {
    const commands = [true, false, true, true, false, false, true, false, true];
    const results = await Promise.allSettled(commands.map((on) => (on ? stage.actor.enable() : stage.actor.disable())));
    expect(results.every((r) => r.status === 'fulfilled' || (r.reason as { code: string }).code === 'conflict')).toBe(
      true,
    );
    expect(stage.state).toBe('running');
    expect(stage.saved).toEqual(commands);
    const ended = await Promise.all(stage.runs.slice(0, -1).map((run) => run.ended));
    expect(ended).toHaveLength(stage.runs.length - 1);
  });

  it('[SUP-1] is unhealthy after three checks without an answer and recovers with one', async () => {
    await stage.actor.enable();
    const wire = stage.wires[0] as Wire;
    wire.answers = false;
    await stage.actor.checkHealth();
    await stage.actor.checkHealth();
    expect(stage.state).toBe('running');
    wire.answers = undefined;
    await stage.actor.checkHealth();
    expect(stage.state).toBe('running');
    wire.answers = false;
    await stage.actor.checkHealth();
    expect(stage.actor.status).toMatchObject({ state: 'unhealthy', reason: 'it does not answer its health checks' });
    wire.answers = true;
    await stage.actor.checkHealth();
    expect(stage.actor.status).toMatchObject({ state: 'running', reason: null });
    expect(stage.events.slice(-2)).toEqual(['unhealthy', 'recovered']);
  });

  it('[SUP-5] ends and restarts a process that stays silent for six checks in a row', async () => {
    await stage.actor.enable();
    (stage.wires[0] as Wire).answers = false;
    for (let i = 0; i < 6; i++) await stage.actor.checkHealth();
    expect(await stage.runs[0]?.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await stage.until('backoff');
    expect(stage.actor.status.reason).toBe('it did not answer its health checks');
    stage.clock.advance(1_000);
    await stage.until('running');
  });

  it('[PRO-8] broken answers count against its health, a good one clears them', async () => {
    await stage.actor.enable();
    for (let i = 0; i < 10; i++) stage.observers[0]?.protocolError('a frame of no bytes');
    await stage.until('unhealthy');
    stage.observers[0]?.answered();
    await stage.until('running');
  });

  it('[SUP-4] goes on counting where the last host stopped, and shows why it gave up', async () => {
    const recent = Array.from({ length: 9 }, () => ({ at: stage.clock.now() - 1_000, blamed: false }));
    stage.ports.remembered = { ...NO_FAILURES, count: { inARow: 9, blamedInARow: 0, recent } };
    stage.actor = new PluginActor('acme', stage.ports);
    await stage.actor.startRecorded();
    await stage.crash('disabled');
    expect(stage.remembered.at(-1)).toMatchObject({
      count: { inARow: 10 },
      disabledBecause: stage.actor.status.reason,
    });

    const next = new PluginActor('acme', { ...stage.ports, remembered: stage.remembered.at(-1) ?? NO_FAILURES });
    expect(next.status).toMatchObject({ state: 'disabled', consecutiveCrashes: 10 });
    expect(next.status.reason).toBe(stage.actor.status.reason);
  });

  it('[SUP-4] a healthy time ends the row for the next host too, and not the window', async () => {
    await stage.actor.enable();
    await stage.crash('backoff');
    stage.clock.advance(1_000);
    await stage.until('running');
    stage.clock.advance(60_000);
    await stage.actor.checkHealth();
    expect(stage.remembered.at(-1)?.count).toMatchObject({ inARow: 0, recent: [{ blamed: false }] });
  });

  it('[SUP-4] what cannot be recorded as disabled is not remembered as given up', async () => {
    stage.ports.remembered = { ...NO_FAILURES, count: { inARow: 9, blamedInARow: 0, recent: [] } };
    stage.actor = new PluginActor('acme', stage.ports);
    await stage.actor.startRecorded();
    stage.ports.persist = () => Promise.reject(new Error('read-only'));
    await stage.crash('disabled');
    expect(stage.remembered.at(-1)).toMatchObject({ count: { inARow: 10 }, disabledBecause: null });
  });

  it('reset forgets the crashes: what the supervisor disabled runs again, what somebody disabled does not', async () => {
    stage.ports.remembered = { ...NO_FAILURES, disabledBecause: 'it crashed' };
    stage.actor = new PluginActor('acme', stage.ports);
    await stage.actor.reset();
    expect(stage.actor.status).toMatchObject({ state: 'running', reason: null, consecutiveCrashes: 0 });
    expect(stage.saved).toEqual([true]);
    expect(stage.remembered.at(-1)).toEqual(NO_FAILURES);

    await stage.actor.disable();
    await stage.actor.reset();
    expect(stage.state).toBe('disabled');
    expect(stage.saved).toEqual([true, false]);
  });

  it('reset and restart end the wait after a crash', async () => {
    await stage.actor.enable();
    for (const again of ['reset', 'restartNow'] as const) {
      await stage.crash('backoff');
      await stage.actor[again]();
      expect(stage.state).toBe('running');
      expect(stage.clock.pending).toEqual([]);
    }
  });

  it('restart ends the process and starts another; it is refused where it is not enabled', async () => {
    await expect(stage.actor.restartNow()).rejects.toMatchObject({ code: 'conflict' });
    await stage.actor.enable();
    await stage.actor.restartNow();
    expect(stage.runs).toHaveLength(2);
    expect(stage.actor.status).toMatchObject({ state: 'running', pid: stage.runs[1]?.pid, consecutiveCrashes: 0 });
    await expect(stage.runs[0]?.ended).resolves.toBeDefined();
  });

  it('[SUP-4] faults 10: a request that crashes it is kept from it, counts half, and is let through later', async () => {
    await stage.actor.enable();
    for (let round = 0; round < 3; round++) {
      stage.actor.requests?.enter('GET', `/items/${round}`);
      await stage.crash('backoff');
      stage.clock.advance(16_000);
      await stage.until('running');
    }
    expect(stage.reports.map(({ blamedRoute }) => blamedRoute)).toEqual(Array(3).fill('GET /items/*'));
    expect(stage.remembered.at(-1)?.count).toMatchObject({ inARow: 3, blamedInARow: 3 });
    expect(() => stage.actor.quarantine?.check('GET', '/items/9')).toThrow(
      expect.objectContaining({ code: 'route_quarantined', retryAfterSeconds: 284 }),
    );
    expect(() => stage.actor.quarantine?.check('POST', '/items/9')).not.toThrow();

    stage.clock.advance(300_000);
    await stage.actor.checkHealth();
    expect(stage.actor.quarantine).toBeUndefined();
    expect(stage.events.filter((event) => event?.startsWith('route_'))).toEqual([
      'route_quarantined',
      'route_released',
    ]);
  });

  it('faults 10: a stream that stays open for long is not to blame', async () => {
    await stage.actor.enable();
    for (let round = 0; round < 3; round++) {
      stage.actor.requests?.enter('GET', '/events');
      stage.clock.advance(60_001);
      await stage.crash('backoff');
      stage.clock.advance(16_000);
      await stage.until('running');
    }
    expect(stage.reports.map(({ requests, blamedRoute }) => [requests.length, blamedRoute])).toEqual(
      Array(3).fill([1, null]),
    );
    expect(stage.actor.quarantine).toBeUndefined();
  });

  it('an enabled state that cannot be saved changes nothing', async () => {
    stage.ports.persist = () => Promise.reject(new Error('read-only'));
    await expect(stage.actor.enable()).rejects.toThrow('read-only');
    expect(stage.state).toBe('disabled');
    expect(stage.runs).toHaveLength(0);
  });
});
