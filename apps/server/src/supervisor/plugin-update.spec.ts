import { SpawnError } from '../common';
import { PluginRefusedError } from '../protocol';
import { ActorStage, limits, versionOf } from './testing/actor-stage';

let stage: ActorStage;
beforeEach(() => {
  stage = new ActorStage();
});
afterEach(() => stage.end());

/** The plugin's file is replaced, as the supervisor tells the actor. */
async function replaceFile(version: string): Promise<void> {
  stage.target.fileIs(versionOf(version));
  await stage.actor.update();
}

const pids = (): (number | null)[] => stage.runs.map((run) => run.pid);
const drain = (): Promise<void> => stage.become(() => stage.journal.some(({ action }) => action === 'drained'));

describe('an update of a plugin', () => {
  it('[SUP-8] gets ready beside the version that serves, takes over, and lets the old one finish', async () => {
    await stage.actor.enable();
    const before = stage.actor.requests?.enter('GET', '/slow');
    let becomeReady = (): void => undefined;
    stage.answersInit = new Promise((resolve) => (becomeReady = resolve));
    const updating = replaceFile('2.0.0');
    await stage.become(() => stage.runs.length === 2);
    expect(stage.actor.status).toMatchObject({ state: 'running', version: '1.0.0' });
    becomeReady();
    await updating;

    expect(stage.actor.status).toMatchObject({ state: 'running', version: '2.0.0', pid: pids()[1], restarts: 0 });
    stage.clock.advance(5_000);
    expect(stage.journal.map(({ action }) => action)).not.toContain('shutdown');
    expect(stage.wires[0]?.closed).toBe(false);
    before?.(true);
    stage.clock.advance(50);
    await drain();
    expect(stage.wires[0]?.closed).toBe(true);
    expect(stage.state).toBe('running');
    expect(stage.events).toEqual(['enabled', 'started', 'updated']);
  });

  it('[SUP-8] waits for what is in flight within its bound alone', async () => {
    await stage.actor.enable();
    stage.actor.requests?.enter('GET', '/for-ever');
    await replaceFile('2.0.0');
    stage.clock.advance(limits.updateDrainMs + 50);
    await drain();

    expect(stage.actor.status).toMatchObject({ state: 'running', version: '2.0.0' });
  });

  it('[SUP-8] that does not become ready leaves the old version serving, for good', async () => {
    await stage.actor.enable();
    stage.command = 'exit 3';
    stage.listens = false;
    await replaceFile('2.0.0');

    expect(stage.actor.status).toMatchObject({
      state: 'running',
      version: '1.0.0',
      pid: pids()[0],
      consecutiveCrashes: 0,
    });
    expect(stage.events).toEqual(['enabled', 'started', 'update_failed']);
    expect(stage.target.heldBecause).toContain('status 3');
    expect(stage.target.entry.metadata.version).toBe('1.0.0');
  });

  it.each(['no process', 'no connection'])(
    '[SUP-8] (faults 15) for which the host has %s is not held back, but made when there is one again',
    async (lacking) => {
      await stage.actor.enable();
      const { spawn } = stage.ports;
      const lack = new SpawnError('EAGAIN', undefined);
      if (lacking === 'no process') stage.ports.spawn = () => Promise.reject(lack);
      else [stage.refusal, stage.readyTimeoutMs] = [new Error('no connection', { cause: lack }), 20];
      await replaceFile('2.0.0');
      expect(stage.actor.status).toMatchObject({ state: 'running', version: '1.0.0', pid: pids()[0] });
      expect(stage.actor.updateWaitsFor).toContain('EAGAIN');
      expect(stage.target.heldBecause).toBeNull();
      const told = stage.journal.length;
      stage.clock.advance(1_000);
      await stage.become(() => stage.journal.slice(told).some(({ action }) => action === 'postponed'));

      stage.ports.spawn = spawn;
      [stage.refusal, stage.readyTimeoutMs] = [undefined, 100_000];
      stage.clock.advance(2_000);
      await stage.become(() => stage.actor.status.version === '2.0.0');
      expect(stage.actor.updateWaitsFor).toBeNull();
      expect(stage.events).toEqual(['enabled', 'started', 'start_postponed', 'updated']);
    },
  );

  it('[SUP-8] (faults 15) that waits for the host is forgotten with the plugin that is disabled', async () => {
    await stage.actor.enable();
    stage.ports.spawn = () => Promise.reject(new SpawnError('EMFILE', undefined));
    await replaceFile('2.0.0');
    expect(stage.clock.pending).toHaveLength(1);
    await stage.actor.disable();
    expect(stage.clock.pending).toEqual([]);
  });

  it('[SUP-8] goes back by itself when the new version crashes within its probation', async () => {
    await stage.actor.enable();
    await replaceFile('2.0.0');
    stage.clock.advance(limits.healthyAfterMs - 1);
    await drain();
    await stage.runs[1]?.kill('it crashed');
    await stage.become(() => stage.runs.length === 3);
    await stage.until('running');

    expect(stage.actor.status).toMatchObject({ version: '1.0.0', pid: pids()[2] });
    expect(stage.events).toEqual(['enabled', 'started', 'updated', 'crashed', 'rolled_back', 'restarted']);
    expect(stage.reports).toHaveLength(1);
  });

  it('[SUP-8] keeps a version that crashes after its probation', async () => {
    await stage.actor.enable();
    await replaceFile('2.0.0');
    stage.clock.advance(limits.healthyAfterMs);
    await drain();
    await stage.runs[1]?.kill('it crashed');
    await stage.until('backoff');

    expect(stage.target.entry.metadata.version).toBe('2.0.0');
  });

  it('[SUP-8] is tried again with the next file, and not before', async () => {
    await stage.actor.enable();
    stage.command = 'exit 3';
    stage.listens = false;
    await replaceFile('2.0.0');
    await replaceFile('2.0.0');
    expect(stage.runs).toHaveLength(2);
    stage.command = 'sleep 600';
    stage.listens = true;
    await replaceFile('2.0.1');

    expect(stage.actor.status).toMatchObject({ state: 'running', version: '2.0.1' });
  });

  describe('whose new version refuses its licence key', () => {
    const refuse = (): void => {
      stage.refusal = new PluginRefusedError('license', 'released after its last day of updates');
    };
    const accept = (): void => {
      stage.refusal = undefined;
    };

    it('[SUP-8] [LIC-3] is tried again by itself when the key has changed, as often as it changes', async () => {
      await stage.actor.enable();
      refuse();
      await replaceFile('2.0.0');
      expect(stage.target).toMatchObject({ waitsForKey: true, heldBecause: 'released after its last day of updates' });
      await stage.actor.licenceChanged();
      expect(stage.runs).toHaveLength(3);
      expect(stage.actor.status).toMatchObject({ state: 'running', version: '1.0.0', pid: pids()[0] });
      accept();
      await stage.actor.licenceChanged();

      expect(stage.actor.status).toMatchObject({ state: 'running', version: '2.0.0', pid: pids()[3] });
      expect(stage.target).toMatchObject({ waitsForKey: false, heldBecause: null });
      expect(stage.events).toEqual(['enabled', 'started', 'update_failed', 'update_failed', 'updated']);
    });

    it('[SUP-8] [LIC-3] is not asked with the key from before what changes while it gets ready', async () => {
      await stage.actor.enable();
      let answer = (): void => undefined;
      stage.answersInit = new Promise((resolve) => (answer = resolve));
      refuse();
      const replaced = replaceFile('2.0.0');
      await stage.become(() => stage.wires.length === 2);
      const changed = stage.actor.licenceChanged();
      accept();
      answer();
      await Promise.all([replaced, changed]);

      expect(stage.actor.status).toMatchObject({ state: 'running', version: '2.0.0', pid: pids()[2] });
    });

    it('[SUP-8] [LIC-5] stays where somebody has put it, whatever becomes of the key', async () => {
      await stage.actor.enable();
      await replaceFile('2.0.0');
      stage.target.choose(undefined);
      await stage.actor.update();
      await stage.actor.licenceChanged();

      expect(stage.actor.status).toMatchObject({ state: 'running', version: '1.0.0' });
      expect(stage.runs).toHaveLength(3);
    });
  });

  it('[SUP-8] [OBS-2] of which a newer one comes gives way to that', async () => {
    await stage.actor.enable();
    stage.listens = false;
    const first = replaceFile('2.0.0');
    await stage.become(() => stage.runs.length === 2);
    stage.listens = true;
    await replaceFile('3.0.0');
    await first;

    expect(stage.actor.status).toMatchObject({ state: 'running', version: '3.0.0' });
    await stage.become(() => stage.journal.some(({ action }) => action === 'dismissed'));
    expect(stage.journal.find(({ action }) => action === 'dismissed')).toMatchObject({
      message: 'version 2.0.0 was ended before it took over: a newer version came',
      fields: { pid: pids()[1], version: '2.0.0' },
    });
  });

  it('[SUP-8] [LIF-2] leaves nothing behind when the plugin is disabled meanwhile', async () => {
    await stage.actor.enable();
    stage.actor.requests?.enter('GET', '/for-ever');
    await replaceFile('2.0.0');
    stage.listens = false;
    const third = replaceFile('3.0.0');
    await stage.become(() => stage.runs.length === 3);
    await stage.actor.disable();
    await third;

    expect(stage.wires.map((wire) => wire.closed)).toEqual([true, true, true]);
    expect(stage.actor.status).toMatchObject({ state: 'disabled', pid: null });
  });

  it('[SUP-8] starts the new version where nothing serves', async () => {
    stage.command = 'exit 1';
    stage.listens = false;
    await stage.actor.enable().catch(() => undefined);
    expect(stage.state).toBe('backoff');
    stage.command = 'sleep 600';
    stage.listens = true;
    await replaceFile('1.0.1');

    expect(stage.actor.status).toMatchObject({ state: 'running', version: '1.0.1' });
  });

  it('[SUP-8] that is chosen by hand goes back without a gap, and stays until the file changes', async () => {
    await stage.actor.enable();
    await replaceFile('2.0.0');
    stage.target.choose(undefined);
    await stage.actor.update();
    expect(stage.actor.status).toMatchObject({ state: 'running', version: '1.0.0' });

    await replaceFile('2.0.0');
    expect(stage.actor.status.version).toBe('1.0.0');
    await replaceFile('3.0.0');
    expect(stage.actor.status.version).toBe('3.0.0');
    expect(stage.target.versions.map(({ version, isTarget }) => [version, isTarget])).toEqual([
      ['3.0.0', true],
      ['1.0.0', false],
      ['2.0.0', false],
    ]);
  });
});
