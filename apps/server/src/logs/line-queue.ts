/** Lines that wait to be written, bounded by their bytes; what does not fit is counted and lost. */
export class LineQueue {
  private lines: { readonly text: string; readonly bytes: number }[] = [];
  private head = 0;
  private bytes = 0;
  private lost = 0;

  constructor(
    private readonly maxBytes: number,
    /** The line (without newline) that says how many lines were lost. */
    private readonly lossNotice: (lostLines: number) => string,
  ) {}

  get isEmpty(): boolean {
    return this.head === this.lines.length && this.lost === 0;
  }

  /** Of the lines that wait. */
  get byteLength(): number {
    return this.bytes;
  }

  /** Takes a line without its newline. */
  push(line: string): void {
    const text = `${line}\n`;
    const bytes = Buffer.byteLength(text);
    if (this.bytes + bytes > this.maxBytes) {
      this.lost += 1;
      return;
    }
    this.noteLoss();
    this.append(text, bytes);
  }

  /** The oldest lines that fit into `maxBytes` together; at least one, if there is any. They stay until `drop`. */
  peek(maxBytes: number): { readonly data: Buffer; readonly lineBytes: readonly number[] } {
    if (this.head === this.lines.length) this.noteLoss();
    const texts: string[] = [];
    const lineBytes: number[] = [];
    let total = 0;
    for (let index = this.head; index < this.lines.length; index += 1) {
      const line = this.lines[index];
      if (!line || (texts.length > 0 && total + line.bytes > maxBytes)) break;
      texts.push(line.text);
      lineBytes.push(line.bytes);
      total += line.bytes;
    }
    return { data: Buffer.from(texts.join('')), lineBytes };
  }

  /** Takes the oldest lines off: they are written. */
  drop(count: number): void {
    for (let dropped = 0; dropped < count; dropped += 1) this.bytes -= this.lines[this.head++]?.bytes ?? 0;
    if (this.head === this.lines.length || this.head > 1024) {
      this.lines = this.lines.slice(this.head);
      this.head = 0;
    }
  }

  private noteLoss(): void {
    if (this.lost === 0) return;
    const text = `${this.lossNotice(this.lost)}\n`;
    this.lost = 0;
    this.append(text, Buffer.byteLength(text));
  }

  private append(text: string, bytes: number): void {
    this.lines.push({ text, bytes });
    this.bytes += bytes;
  }
}
