import { watch, type FSWatcher } from 'node:fs';
import { basename } from 'node:path';

/** Waits for one socket. */
export interface Arrival {
  /** Whether what appears is told of at once; where it is not, whoever waits has to look now and then. */
  readonly isTold: boolean;
  /**
   * Resolves with true at once when something has appeared at its path, or gone from it, since the last time; with false
   * after `ms` milliseconds without that. One call at a time.
   */
  within(ms: number): Promise<boolean>;
  /** Waits no more. */
  end(): void;
}

interface Expected {
  happened: boolean;
  wake: (() => void) | undefined;
}

/**
 * Tells those who wait for a socket when one appears in a directory: one watch for all, and only while somebody waits.
 * Where the system cannot watch it is silent, so that whoever waits has to look now and then.
 */
export class SocketArrivals {
  private readonly expected = new Map<string, Expected>();
  private watcher: FSWatcher | undefined;

  constructor(private readonly directory: string) {}

  /** @param path in the directory; what happens there from now on is told. To be ended. */
  expect(path: string): Arrival {
    const name = basename(path);
    const one: Expected = { happened: false, wake: undefined };
    this.expected.set(name, one);
    this.open();
    const isTold = (): boolean => this.watcher !== undefined;
    return {
      get isTold() {
        return isTold();
      },
      within: (ms) => wait(one, ms),
      end: () => {
        this.expected.delete(name);
        if (this.expected.size === 0) this.close();
      },
    };
  }

  private open(): void {
    if (this.watcher !== undefined) return;
    try {
      this.watcher = watch(this.directory, { persistent: false }, (_event, name) => {
        this.tell(name);
      });
      this.watcher.on('error', () => {
        this.close();
      });
    } catch {
      // too many watches on this machine, or a file system without them
    }
  }

  private close(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  private tell(name: string | null): void {
    // without a name it may be anyone's
    const told = name === null ? [...this.expected.values()] : [this.expected.get(name)];
    for (const one of told) {
      if (one === undefined) continue;
      one.happened = true;
      one.wake?.();
    }
  }
}

function wait(one: Expected, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      const { happened } = one;
      one.happened = false;
      one.wake = undefined;
      resolve(happened);
    };
    const timer = setTimeout(done, one.happened ? 0 : ms);
    one.wake = done;
  });
}
