import { lstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connectSocket } from '@toru/protocol';
import { describeExit, PluginProcess, StartError } from './plugin-process';
import type { Place } from './sandbox';

/** A process whose socket accepts. */
export interface RunningPlugin {
  readonly process: PluginProcess;
  readonly place: Place;
}

/** It did not come so far that it could be spoken to; `stage` says which check that is a matter of. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';

  constructor(
    readonly stage: 'socket/created' | 'socket/accepts',
    message: string,
  ) {
    super(message);
  }
}

export interface LaunchOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly place: Place;
  readonly readyTimeoutMs: number;
  /** Whether to try the socket. In version 2 the first connection is the plugin's only one: then the caller opens it. */
  readonly probe: boolean;
}

const POLL_MS = 5;

/** Starts the plugin as the host does and waits until its socket accepts. Rejects with `LaunchError`, all ended then. */
export async function launch({ file, args, env, place, readyTimeoutMs, probe }: LaunchOptions): Promise<RunningPlugin> {
  const deadline = Date.now() + readyTimeoutMs;
  const { dataDirectory: cwd, marker } = place;
  const process = await PluginProcess.start({ file, args, cwd, env, marker }).catch((error: unknown) => {
    throw error instanceof StartError ? new LaunchError('socket/created', error.message) : error;
  });
  try {
    await untilCreated(process, place.socketPath, deadline, readyTimeoutMs);
    const plugin = { process, place };
    if (probe) (await connectWhenAccepting(plugin, readyTimeoutMs)).destroy();
    return plugin;
  } catch (error) {
    await process.end();
    throw error;
  }
}

async function untilCreated(process: PluginProcess, path: string, deadline: number, ms: number): Promise<void> {
  for (;;) {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry?.isSocket()) return;
    if (entry) throw new LaunchError('socket/created', `what it made at TORU_PLUGIN_SOCKET is ${kindOf(entry)}`);
    if (process.exit) throw new LaunchError('socket/created', `it ${describeEnd(process)} before it made a socket`);
    if (Date.now() > deadline) throw new LaunchError('socket/created', `no socket within ${ms} ms`);
    await delay(POLL_MS);
  }
}

/** The first connection: tried until the socket accepts. Rejects with `LaunchError`. */
export async function connectWhenAccepting({ process, place }: RunningPlugin, ms: number): Promise<Socket> {
  const deadline = Date.now() + ms;
  for (;;) {
    const connectTimeoutMs = Math.max(deadline - Date.now(), 1);
    const socket = await connectSocket({ socketPath: place.socketPath, connectTimeoutMs }).catch(() => undefined);
    if (socket) return socket;
    if (process.exit) throw new LaunchError('socket/accepts', `it ${describeEnd(process)} before it accepted`);
    if (Date.now() > deadline) throw new LaunchError('socket/accepts', `its socket did not accept within ${ms} ms`);
    await delay(POLL_MS);
  }
}

/** How a process ended and the last line that it printed. */
export function describeEnd({ exit, lastWords }: PluginProcess): string {
  if (!exit) return 'still runs';
  return lastWords === '' ? describeExit(exit) : `${describeExit(exit)}, its last words: ${lastWords}`;
}

function kindOf(entry: { isSymbolicLink(): boolean; isDirectory(): boolean; isFile(): boolean }): string {
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isDirectory()) return 'a directory';
  return entry.isFile() ? 'a file' : 'no socket';
}
