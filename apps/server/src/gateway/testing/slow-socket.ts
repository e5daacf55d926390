import { Duplex } from 'node:stream';

/** A connection whose client reads when the test says so. */
export class SlowSocket extends Duplex {
  /** In milliseconds, as it was set last. */
  timeoutMs = 0;
  isReading = true;
  sent = '';
  private readonly waiting: (() => void)[] = [];

  override _read(): void {
    // the test pushes
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.sent += bytes.toString('latin1');
      done();
    };
    if (this.isReading) take();
    else this.waiting.push(take);
  }

  async readAll(): Promise<void> {
    this.isReading = true;
    for (const take of this.waiting.splice(0)) take();
    await new Promise(setImmediate);
  }

  setTimeout(ms: number): this {
    this.timeoutMs = ms;
    return this;
  }

  destroySoon(): void {
    this.end(() => this.destroy());
  }
}
