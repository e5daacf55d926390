import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from '@toru/contracts';
import { UsageError } from '../../cli-error';

/** Where one start of the plugin lives. */
export interface Place {
  readonly socketPath: string;
  readonly dataDirectory: string;
  readonly logPath: string;
  readonly marker: string;
}

const inUse = new Set<Sandbox>();

process.on('exit', () => {
  for (const sandbox of inUse) sandbox.remove();
});

/** A temporary directory of its own (0700) for everything that one run needs; also removed if this process ends early. */
export class Sandbox {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'toru-c-'));
  readonly #run = randomUUID();
  #places = 0;

  constructor() {
    inUse.add(this);
  }

  newMarker(): string {
    return `${this.#run}-${++this.#places}`;
  }

  /** A place for one more start: another socket path for each. */
  newPlace(): Place {
    const marker = this.newMarker();
    const directory = path.join(this.directory, String(this.#places));
    const dataDirectory = path.join(directory, 'data');
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    const socketPath = path.join(directory, 'socket');
    if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES) {
      throw new UsageError(`${socketPath} is too long for a socket: set TMPDIR to a shorter directory`);
    }
    return { socketPath, dataDirectory, logPath: path.join(directory, 'plugin.log'), marker };
  }

  remove(): void {
    inUse.delete(this);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
