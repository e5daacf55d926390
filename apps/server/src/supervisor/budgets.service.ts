import { Injectable } from '@nestjs/common';
import type { PluginBudget } from '@toru/contracts';
import { ProcessLedger } from '../common';
import { Configuration } from '../config';
import type { ValidEntry } from '../plugins';
import { budgetsOf } from './budgets';

/** What plugins may use of the machine, and who sees to it. */
@Injectable()
export class Budgets {
  constructor(
    private readonly configuration: Configuration,
    private readonly ledger: ProcessLedger,
  ) {}

  of({ id, metadata }: ValidEntry): PluginBudget[] {
    const running = this.ledger
      .running()
      .findLast(({ purpose }) => purpose.socket !== undefined && purpose.plugin.toLowerCase() === id.toLowerCase());
    if (running === undefined) return budgetsOf(metadata.limits, this.configuration, undefined);
    const { cgroup, purpose } = running;
    // one that did not get into its cgroup is bounded by nothing but what is measured
    const held = cgroup !== undefined && cgroup.pids().length > 0 ? cgroup.held : new Set<never>();
    return budgetsOf(metadata.limits, this.configuration, { limits: purpose.limits ?? {}, held });
  }
}
