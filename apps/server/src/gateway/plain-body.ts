import type { Socket } from 'node:net';
import type { AnswerBody } from './client-side';

/** A chunk up to this length is written as text with its frame: beyond, a copy costs more than three pieces. */
const TEXT_BYTES = 8 * 1024;

/** The body of an answer on a plain connection. What is written in one turn goes out together when the turn ends. */
export class PlainBody implements AnswerBody {
  private isCorked = false;

  constructor(
    readonly events: Socket,
    /** Its length was told; else it goes in chunks (RFC 9112 §7.1). */
    private readonly isCounted: boolean,
    private readonly onEnd: () => void,
  ) {}

  write(piece: Uint8Array): boolean {
    const { events: socket } = this;
    // a chunk without bytes would be the last one
    if (piece.length === 0) return true;
    this.cork();
    if (this.isCounted) return socket.write(piece);
    const size = `${piece.length.toString(16)}\r\n`;
    if (piece.length <= TEXT_BYTES) return socket.write(`${size}${latin1(piece)}\r\n`, 'latin1');
    socket.write(size, 'latin1');
    socket.write(piece);
    return socket.write('\r\n', 'latin1');
  }

  end(): void {
    if (!this.isCounted) this.events.write('0\r\n\r\n', 'latin1');
    this.uncork();
    this.onEnd();
  }

  private cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.events.cork();
    process.nextTick(this.uncork);
  }

  private readonly uncork = (): void => {
    if (!this.isCorked) return;
    this.isCorked = false;
    this.events.uncork();
  };
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
