import { readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
const SAMPLE_MS = 20;

/** Samples the resident memory of a process, from now to `stop`. */
export class MemoryWatch {
  readonly #begin: number;
  #most: number;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.#begin = this.#most = this.#resident();
    this.#timer = setInterval(() => (this.#most = Math.max(this.#most, this.#resident())), SAMPLE_MS);
  }

  /** By how many bytes it was larger than at the beginning, at its largest. */
  stop(): number {
    clearInterval(this.#timer);
    return Math.max(this.#most, this.#resident()) - this.#begin;
  }

  #resident(): number {
    return Number(readFileSync(`/proc/${this.pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  }
}
