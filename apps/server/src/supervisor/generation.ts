import type { Clock, Exit } from '../common';
import type { ValidEntry } from '../plugins';
import type { ActorPorts } from './actor-ports';
import { HealthRecord } from './health-record';
import type { PluginRun } from './plugin-run';
import { RequestsInFlight, type RequestInFlight } from './requests-in-flight';

/**
 * What becomes of a process. Each handler is told which generation it is about, so that several may stand side by side:
 * the one that serves, and one that gets ready to take over or drains after it.
 */
export interface GenerationHandlers {
  /** Its socket answers, or it will not run any more. `error` is undefined when it is ready. */
  readonly started: (generation: Generation, error: unknown) => void;
  readonly ended: (generation: Generation, end: End) => void;
  /** The connection to it has ended, and with it everything that the process is good for. */
  readonly lost: (generation: Generation, reason: string) => void;
  readonly protocolError: (generation: Generation, reason: string) => void;
  readonly answered: (generation: Generation) => void;
}

/** The end of a process, as it was when it came. */
export interface End {
  readonly exit: Exit;
  /** On the monotonic clock, in milliseconds. */
  readonly at: number;
  readonly requests: readonly RequestInFlight[];
}

/** One process of a plugin with what its actor knows of it. */
export class Generation {
  /** When it became ready, in milliseconds since the epoch. */
  startedAt: number | null = null;
  readonly requests: RequestsInFlight;
  private readySince: number | undefined;

  constructor(
    readonly run: PluginRun,
    readonly entry: ValidEntry,
    /** Its version was never ready before, and there is another one to go back to (SUP-8). */
    readonly onTrial: boolean,
    readonly health: HealthRecord,
    /** In milliseconds since the epoch. */
    readonly spawnedAt: number,
    private readonly clock: Clock,
  ) {
    this.requests = new RequestsInFlight(clock);
  }

  /** How long it has been ready, in milliseconds; 0 before it is. */
  get readyForMs(): number {
    return this.readySince === undefined ? 0 : this.clock.monotonic() - this.readySince;
  }

  becameReady(): void {
    this.readySince = this.clock.monotonic();
    this.startedAt = this.clock.now();
  }
}

/** Spawns a process of the version that is to run and listens to it until it has ended. Rejects with the system's reason when it cannot be spawned. */
export async function spawnGeneration(ports: ActorPorts, handlers: GenerationHandlers): Promise<Generation> {
  const health = new HealthRecord(ports.limits);
  const spawnedAt = ports.clock.now();
  // the channel may tell of it before it is there
  const born: { generation?: Generation } = {};
  const tell =
    <T extends unknown[]>(handler: (generation: Generation, ...args: T) => void) =>
    (...args: T): void => {
      if (born.generation !== undefined) handler(born.generation, ...args);
    };
  const { entry } = ports.target;
  const onTrial = ports.target.isOnTrial(entry);
  const run = await ports.spawn(entry, {
    lost: tell(handlers.lost),
    protocolError: tell(handlers.protocolError),
    answered: tell(handlers.answered),
  });
  const generation = new Generation(run, entry, onTrial, health, spawnedAt, ports.clock);
  born.generation = generation;
  void run.ended.then((exit) => {
    const requests = generation.requests.atEnd(run.endedBecause !== undefined);
    handlers.ended(generation, { exit, at: ports.clock.monotonic(), requests });
  });
  run.becomeReady().then(
    (isReady) => {
      if (isReady) handlers.started(generation, undefined);
    },
    (error: unknown) => {
      handlers.started(generation, error);
    },
  );
  return generation;
}
