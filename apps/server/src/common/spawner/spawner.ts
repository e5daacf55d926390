import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { errorCode } from '../error-code';
import { ProcessTable } from '../process-table';
import {
  signalGroup,
  signalProcess,
  SpawnError,
  startHere,
  startProgram,
  UnknownStartError,
  type Exit,
  type Program,
  type Started,
} from '../processes';
import { toLine, type Answer } from './spawn-request';

/** So long the answer to a request may take, in milliseconds; then the spawner hangs, and is given up. */
const ANSWER_MS = 10_000;
/** How often the programs of a spawner that has ended are looked at, in milliseconds. */
const LOOK_MS = 100;

/** The host has none left: then the spawner is as it was, and the program was not started. */
const OWN_LACK: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

export interface SpawnerOptions {
  /** The built file of the spawner. */
  readonly program: string;
  /** Where it listens, in a private directory. */
  readonly socket: string;
  /** Told once why there is none (any more): programs are children of the host from then on. */
  readonly onLost: (why: string) => void;
}

type Child = Pick<Started, 'pid' | 'exited'>;

interface Asked {
  readonly resolve: (child: Child) => void;
  readonly reject: (error: Error) => void;
}

interface Living {
  readonly pid: number;
  readonly ended: (exit: Exit) => void;
}

/**
 * A small process that starts programs for the host. A fork copies the page tables of whoever forks, and the host's are
 * large (docs/adr/0023). It ends with the host. Where it is missing or has ended, the host starts programs itself; those
 * of a spawner that has ended go on, and their ends are noticed a little later and without a status.
 */
export class Spawner {
  private readonly child: ReturnType<typeof startProgram>;
  private readonly ready: Promise<void>;
  private readonly asked = new Map<number, Asked>();
  private readonly living = new Map<number, Living>();
  private lastId = 0;
  private lost = false;

  constructor(
    private readonly options: SpawnerOptions,
    private readonly table = new ProcessTable(),
  ) {
    // a group of its own: Ctrl+C at the host's terminal is the host's to act on
    this.child = startProgram(
      { command: process.execPath, args: [options.program, options.socket], cwd: '/', env: {} },
      ['pipe', 'pipe', 'inherit'],
    );
    const late = this.killLater();
    this.ready = new Promise<void>((resolve) => {
      this.onAnswers((answer) => {
        if (answer.kind === 'ready') resolve();
        else this.take(answer);
      });
      const end = (why: string): void => {
        this.lose(why);
        resolve();
      };
      this.child.once('error', (error) => {
        end(errorCode(error));
      });
      // not `exit`: what it has said before its end is to be heard
      this.child.once('close', (code, signal) => {
        end(signal ?? `status ${code ?? 'unknown'}`);
      });
    }).finally(() => {
      clearTimeout(late);
    });
    this.child.stdin?.on('error', () => undefined);
    // it does not keep the host going
    this.child.unref();
    for (const stream of [this.child.stdin, this.child.stdout] as (Partial<Socket> | null)[]) stream?.unref?.();
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** It ends; programs that it has started go on. */
  close(): void {
    this.lost = true;
    this.child.stdin?.destroy();
  }

  /** Rejects with `SpawnError` when it cannot be started, and with `UnknownStartError`. */
  readonly start = async (program: Program): Promise<Started> => {
    await this.ready;
    if (this.lost) return await startHere(program);
    const id = ++this.lastId;
    const [stdout, stderr] = [connect(this.options.socket), connect(this.options.socket)];
    const child = await this.ask(id, program, stdout, stderr).catch((error: unknown) => {
      stdout.destroy();
      stderr.destroy();
      throw error;
    });
    return { ...child, stdout, stderr };
  };

  private ask(id: number, program: Program, stdout: Socket, stderr: Socket): Promise<Child> {
    return new Promise((resolve, reject) => {
      const late = this.killLater();
      const done = (): void => {
        clearTimeout(late);
        this.asked.delete(id);
      };
      this.asked.set(id, {
        resolve: (child) => {
          done();
          resolve(child);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      for (const socket of [stdout, stderr]) {
        socket.on('error', (error) => {
          const code = errorCode(error);
          this.asked.get(id)?.reject(OWN_LACK.has(code) ? new SpawnError(code, error) : new UnknownStartError());
        });
      }
      stderr.write(toLine({ id, stream: 'stderr' }));
      stdout.write(toLine({ id, stream: 'stdout', program }));
    });
  }

  /** One that hangs is of no use to anybody. */
  private killLater(): NodeJS.Timeout {
    return setTimeout(() => {
      signalProcess(this.child.pid ?? 0, 'SIGKILL');
    }, ANSWER_MS);
  }

  private onAnswers(take: (answer: Answer) => void): void {
    const { stdout } = this.child;
    if (stdout === null) return;
    createInterface({ input: stdout, crlfDelay: Infinity }).on('line', (line) => {
      take(JSON.parse(line) as Answer);
    });
  }

  private take(answer: Exclude<Answer, { kind: 'ready' }>): void {
    const { id } = answer;
    if (answer.kind === 'started') this.started(id, answer.pid);
    else if (answer.kind === 'refused') this.asked.get(id)?.reject(new SpawnError(answer.code, undefined));
    else {
      const { code, signal } = answer;
      this.living.get(id)?.ended({ code, signal });
      this.living.delete(id);
    }
  }

  private started(id: number, pid: number): void {
    const asked = this.asked.get(id);
    // a connection to it broke meanwhile: nobody would know of it
    if (asked === undefined) signalGroup(pid, 'SIGKILL');
    // at once: its end may stand on the next line
    const exited = new Promise<Exit>((ended) => this.living.set(id, { pid, ended }));
    asked?.resolve({ pid, exited });
  }

  private lose(why: string): void {
    if (this.lost) return;
    this.lost = true;
    this.options.onLost(why);
    for (const { reject } of this.asked.values()) reject(new UnknownStartError());
    for (const one of this.living.values()) this.watch(one);
    this.living.clear();
  }

  /** Nobody tells of its end any more. */
  private watch({ pid, ended }: Living): void {
    const startTicks = this.table.stat(pid)?.startTicks;
    const look = (): void => {
      const stat = this.table.stat(pid);
      const lives = stat !== undefined && stat.startTicks === startTicks && !['Z', 'X'].includes(stat.state);
      if (lives) return;
      clearInterval(timer);
      ended({ code: null, signal: null });
    };
    const timer = setInterval(look, LOOK_MS);
  }
}
