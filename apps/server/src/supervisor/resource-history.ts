import { Injectable } from '@nestjs/common';
import type { PluginResources, ResourceSample } from '@toru/contracts';
import { timestamp } from '../common';
import { ResourceSamples } from './resource-samples.port';

/** A sample of one plugin; `at` in milliseconds since the epoch. */
export interface TakenSample extends Omit<PluginResources, 'sampled_at'> {
  readonly at: number;
  readonly memory_limit_bytes: number | null;
}

/** Ten minutes at the default interval. */
const KEPT = 120;

/** The last samples of each plugin, by id without case; in memory alone. */
@Injectable()
export class ResourceHistory extends ResourceSamples {
  private readonly samples = new Map<string, TakenSample[]>();
  private readonly cpu = new Map<string, number>();
  private readonly overCpu = new Map<string, boolean>();
  private running = new Set<string>();

  add(plugin: string, sample: TakenSample): void {
    const key = plugin.toLowerCase();
    const samples = this.samples.get(key) ?? [];
    samples.push(sample);
    if (samples.length > KEPT) samples.shift();
    this.samples.set(key, samples);
  }

  /** What a plugin has used of processors since the sample before, in seconds. */
  used(plugin: string, cpuSeconds: number): void {
    const key = plugin.toLowerCase();
    this.cpu.set(key, (this.cpu.get(key) ?? 0) + cpuSeconds);
  }

  /** What all its processes have used since the host started, as far as it was measured, in seconds. */
  cpuSeconds(plugin: string): number | undefined {
    return this.cpu.get(plugin.toLowerCase());
  }

  /** @param isOverCpu whether it has used more processor time than it may for long; undefined: that is not measured */
  judged(plugin: string, isOverCpu: boolean | undefined): void {
    const key = plugin.toLowerCase();
    if (isOverCpu === undefined) this.overCpu.delete(key);
    else this.overCpu.set(key, isOverCpu);
  }

  /** The same of a plugin that runs; undefined where it has no such bound, or the kernel holds it. */
  isOverCpu(plugin: string): boolean | undefined {
    const key = plugin.toLowerCase();
    return this.running.has(key) ? this.overCpu.get(key) : undefined;
  }

  /** Which plugins were measured this time: what others used is over. */
  measured(plugins: Iterable<string>): void {
    this.running = new Set([...plugins].map((plugin) => plugin.toLowerCase()));
  }

  /** The last sample of a plugin that runs; null where there is none. */
  latest(plugin: string): PluginResources | null {
    const key = plugin.toLowerCase();
    const sample = this.running.has(key) ? this.samples.get(key)?.at(-1) : undefined;
    if (sample === undefined) return null;
    const { cpu_percent, memory_bytes, open_files, processes, at } = sample;
    return { cpu_percent, memory_bytes, open_files, processes, sampled_at: timestamp(at) };
  }

  /** The last samples of a plugin, oldest first; those of a process that has just ended are still there. */
  override recent(plugin: string): readonly ResourceSample[] {
    return (this.samples.get(plugin.toLowerCase()) ?? []).map(
      ({ at, cpu_percent, memory_bytes, memory_limit_bytes }) => ({
        ...{ timestamp: timestamp(at), cpu_percent, memory_bytes, memory_limit_bytes },
      }),
    );
  }
}
