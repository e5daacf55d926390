import { createServer, type Server, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { errorCode } from '../error-code';
import { pidOf, startProgram, type Program } from '../processes';
import { toLine, type Answer, type Opening } from './spawn-request';

/** More than any environment and command line that the kernel takes, in characters. */
const MAX_OPENING = 4 * 1024 * 1024;

interface Awaited {
  stdout?: Socket;
  stderr?: Socket;
  program?: Program;
}

/**
 * Starts programs for the host and tells how they end. It lives in a process of its own, which is small: to fork the host
 * costs several times as much (docs/adr/0023).
 *
 * @param path of the socket to listen on, in a private directory
 */
export function serveSpawns(path: string, answers: Writable): Server {
  const awaited = new Map<number, Awaited>();
  const tell = (answer: Answer): void => {
    answers.write(toLine(answer));
  };

  const opened = (socket: Socket, opening: Opening): void => {
    const { id, stream } = opening;
    const one = awaited.get(id) ?? {};
    awaited.set(id, one);
    one[stream] = socket;
    if (opening.stream === 'stdout') one.program = opening.program;
    // the host could not make the other connection, and gives up
    socket.once('close', () => awaited.delete(id));
    const { stdout, stderr, program } = one;
    if (stdout === undefined || stderr === undefined || program === undefined) return;
    awaited.delete(id);
    void start(id, program, stdout, stderr, tell);
  };

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    readOpening(socket, opened);
  });
  server.listen(path, () => {
    tell({ kind: 'ready' });
  });
  return server;
}

async function start(
  id: number,
  program: Program,
  stdout: Socket,
  stderr: Socket,
  tell: (answer: Answer) => void,
): Promise<void> {
  try {
    const child = startProgram(program, ['ignore', stdout, stderr]);
    child.once('exit', (code, signal) => {
      tell({ kind: 'ended', id, code, signal });
    });
    const started = pidOf(child);
    // the program has its own descriptors of them by now; nobody else is to hold its output open
    stdout.destroy();
    stderr.destroy();
    tell({ kind: 'started', id, pid: await started });
  } catch (error) {
    stdout.destroy();
    stderr.destroy();
    tell({ kind: 'refused', id, code: errorCode(error) });
  }
}

/** The host sends one line and then nothing any more, so that nothing is read away from anybody. */
function readOpening(socket: Socket, opened: (socket: Socket, opening: Opening) => void): void {
  let text = '';
  socket.setEncoding('utf8');
  const read = (chunk: string): void => {
    text += chunk;
    if (text.length > MAX_OPENING) socket.destroy();
    if (!text.endsWith('\n')) return;
    socket.off('data', read);
    socket.pause();
    try {
      opened(socket, JSON.parse(text) as Opening);
    } catch {
      socket.destroy();
    }
  };
  socket.on('data', read);
}
