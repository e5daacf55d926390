import { jest } from '@jest/globals';
import { settle } from '../../../testing/fixtures';
import type { MountPhase } from './mount-session';
import { LOAD_TIMEOUT_MS, MOUNT_TIMEOUT_MS, MountSession, UNMOUNT_TIMEOUT_MS } from './mount-session';
import type { PluginApi, PluginFrontend } from './plugin-api';

const api = {} as PluginApi;

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

describe('MountSession', () => {
  let phases: MountPhase[];
  let container: HTMLElement;
  const mount = jest.fn<PluginFrontend['mount']>();
  const unmount = jest.fn<NonNullable<PluginFrontend['unmount']>>();

  beforeEach(() => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    phases = [];
    container = document.createElement('div');
    document.body.append(container);
  });
  afterEach(() => jest.useRealTimers());

  function session(
    load: (signal: AbortSignal) => Promise<PluginFrontend> = async () => ({ mount, unmount }),
    previous = Promise.resolve(),
  ): MountSession {
    return new MountSession({ container, api, previous, load, report: (phase) => phases.push(phase) });
  }
  const last = (): MountPhase | undefined => phases.at(-1);

  it('[FE-2] calls mount with container and api', async () => {
    await session().start();
    expect(mount).toHaveBeenCalledWith(container, api);
    expect(phases.map((phase) => phase.name)).toEqual(['loading', 'mounting', 'mounted']);
  });

  it('[FE-3] calls unmount once with the container, however often it is ended, and takes the container away', async () => {
    const visit = session();
    await visit.start();
    await Promise.all([visit.end(), visit.end()]);
    expect(unmount.mock.calls).toEqual([[container]]);
    expect(container.isConnected).toBe(false);
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('boom');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('boom'))],
  ])('[FE-3] faults 25: reports a mount that %s, and cleans up', async (_how, broken) => {
    mount.mockImplementation(broken);
    await session().start();
    await settle();
    expect(last()).toMatchObject({ name: 'failed', during: 'mounting', error: { message: 'boom' } });
    expect(unmount).toHaveBeenCalledTimes(1);
    expect(container.isConnected).toBe(false);
  });

  it('[FE-3] reports a bundle that does not load, and mounts nothing', async () => {
    await session(() => Promise.reject(new Error('no bundle'))).start();
    expect(last()).toMatchObject({ name: 'failed', during: 'loading', error: { message: 'no bundle' } });
    expect(mount).not.toHaveBeenCalled();
  });

  it('[FE-3] faults 25: gives up on a load that never settles, and aborts it', async () => {
    let signal: AbortSignal | undefined;
    const visit = session((given) => {
      signal = given;
      return new Promise(() => undefined);
    });
    void visit.start();
    await jest.advanceTimersByTimeAsync(LOAD_TIMEOUT_MS);
    expect(last()).toMatchObject({ name: 'failed', during: 'loading' });
    expect(signal?.aborted).toBe(true);
  });

  it('[FE-3] faults 25: gives up on a mount that never settles, and cleans up', async () => {
    const slow = deferred();
    mount.mockReturnValue(slow.promise);
    void session().start();
    await jest.advanceTimersByTimeAsync(MOUNT_TIMEOUT_MS);
    expect(last()).toMatchObject({ name: 'failed', during: 'mounting' });
    await jest.advanceTimersByTimeAsync(1);
    expect(unmount).toHaveBeenCalledTimes(1);
    slow.resolve();
    await settle();
    expect(unmount).toHaveBeenCalledTimes(2);
    expect(last()?.name).toBe('failed');
  });

  it('[FE-3] faults 25: left before mount settled, unmounts after it settles and reports nothing more', async () => {
    const slow = deferred();
    mount.mockReturnValue(slow.promise);
    const visit = session();
    void visit.start();
    await settle();
    const ending = visit.end();
    await settle();
    expect(unmount).not.toHaveBeenCalled();
    slow.resolve();
    await ending;
    expect(unmount).toHaveBeenCalledTimes(1);
    expect(last()?.name).toBe('mounting');
  });

  it('[FE-3] faults 25: left before the bundle is there, never mounts', async () => {
    let give: (frontend: PluginFrontend) => void = () => undefined;
    const visit = session(() => new Promise((resolve) => (give = resolve)));
    const started = visit.start();
    await settle();
    await visit.end();
    give({ mount, unmount });
    await started;
    expect(mount).not.toHaveBeenCalled();
    expect(unmount).not.toHaveBeenCalled();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['never settles', () => new Promise(() => undefined)],
  ])('[FE-3] faults 25: ends in bounded time when unmount %s', async (_how, broken) => {
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    unmount.mockImplementation(broken);
    const visit = session();
    await visit.start();
    const over = jest.fn();
    void visit.end().then(over);
    await jest.advanceTimersByTimeAsync(UNMOUNT_TIMEOUT_MS);
    expect(over).toHaveBeenCalledTimes(1);
    expect(container.isConnected).toBe(false);
  });

  it('waits for the last visit to end before it mounts again', async () => {
    const before = deferred();
    void session(undefined, before.promise).start();
    await settle();
    expect(mount).not.toHaveBeenCalled();
    before.resolve();
    await settle();
    expect(mount).toHaveBeenCalledTimes(1);
  });

  it('mounts a frontend without unmount', async () => {
    const visit = session(async () => ({ mount }));
    await visit.start();
    await visit.end();
    expect(last()?.name).toBe('mounted');
  });
});
