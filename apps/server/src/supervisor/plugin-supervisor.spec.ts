import type { Catalogue, EnabledState, ValidEntry } from '../plugins';
import type { ActorFactory } from './actor-factory';
import { BackgroundWork } from './background-work';
import type { Beginnings } from './beginnings';
import type { Budgets } from './budgets.service';
import type { PluginActor } from './plugin-actor';
import { PluginSupervisor } from './plugin-supervisor';
import { ResourceHistory } from './resource-history';
import { SupervisedPlugins } from './supervised-plugins';
import type { SupervisorJournal } from './supervisor-journal';

const entry = { kind: 'valid', id: 'Acme', digest: 'a', metadata: { route: '/acme' } } as ValidEntry;

/** An actor that takes as long to stop as the test wants. */
class SlowActor {
  readonly calls: string[] = [];
  readonly status = { state: 'disabled' };
  private ended: () => void = () => undefined;

  startRecorded(): Promise<void> {
    this.calls.push('start');
    return Promise.resolve();
  }
  stop(): Promise<void> {
    this.calls.push('stop');
    return new Promise((resolve) => {
      this.ended = resolve;
    });
  }
  async end(): Promise<void> {
    this.ended();
    await new Promise(setImmediate);
  }
}

describe('PluginSupervisor', () => {
  let files: readonly ValidEntry[];
  let actors: SlowActor[];
  let supervisor: PluginSupervisor;
  let scan: () => void;

  beforeEach(async () => {
    files = [entry];
    actors = [];
    const catalogue = {
      onChange: (listener: () => void) => (scan = listener),
      scan: () => {
        scan();
        return Promise.resolve();
      },
      list: () => files,
    };
    const factory = {
      prepare: () => Promise.resolve(),
      create: () => {
        const actor = new SlowActor();
        actors.push(actor);
        return actor as unknown as PluginActor;
      },
    };
    const enabled = { load: () => Promise.resolve(), isEnabled: () => true } as unknown as EnabledState;
    const background = new BackgroundWork({ record: () => undefined } as unknown as SupervisorJournal);
    const beginnings = {
      prepare: () => Promise.resolve(),
      target: (file: ValidEntry) => {
        const target = { entry: file, fileIs: (next: ValidEntry) => void (target.entry = next) };
        return target;
      },
    };
    const plugins = new SupervisedPlugins(
      catalogue as unknown as Catalogue,
      enabled,
      factory as unknown as ActorFactory,
      beginnings as unknown as Beginnings,
      background,
    );
    supervisor = new PluginSupervisor(plugins, enabled, background, {} as Budgets, new ResourceHistory());
    await supervisor.prepare();
    supervisor.begin(2);
  });

  const scanWith = (...found: readonly ValidEntry[]): void => {
    files = found;
    scan();
  };

  it('[LIF-5] [SUP-9] a file that comes back before its process has ended keeps the actor that ends it', () => {
    scanWith();
    expect(supervisor.serving('acme')).toBeUndefined();
    scanWith({ ...entry, digest: 'b' });

    expect(actors.map(({ calls }) => calls)).toEqual([['start', 'stop', 'start']]);
    expect(supervisor.servingRoute('acme')?.entry.digest).toBe('b');
  });

  it('[SUP-9] a file that comes back later is a new plugin', async () => {
    scanWith();
    await actors[0]?.end();
    scanWith(entry);

    expect(actors.map(({ calls }) => calls)).toEqual([['start', 'stop'], ['start']]);
  });
});
