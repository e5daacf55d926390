import { readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
const SAMPLE_MS = 20;

export function residentBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
}

/** Samples the resident memory of a process, from now to `stop`. It is compared with `begin`: what it is now, unless given. */
export class MemoryWatch {
  #most: number;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly pid: number,
    private readonly begin = residentBytes(pid),
  ) {
    this.#most = begin;
    this.#timer = setInterval(() => this.#look(), SAMPLE_MS);
  }

  /** By how many bytes it was larger than at the beginning, at its largest. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#most - this.begin;
  }

  #look(): void {
    this.#most = Math.max(this.#most, residentBytes(this.pid));
  }
}
