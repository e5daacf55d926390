import { groupOf } from '../check';
import { count, hasPassed, type CheckResult, type ConformanceReport, type Status } from '../result';

const MARKS: Readonly<Record<Status, string>> = { passed: '✓', failed: '✗', warned: '!', skipped: '–' };
/** SGR: green, red, yellow, faint. */
const COLOURS: Readonly<Record<Status, string>> = { passed: '32', failed: '31', warned: '33', skipped: '2' };

/** Writes each result as it comes, under the name of its group, and a count at the end. For people. */
export class HumanReport {
  #group = '';

  constructor(
    private readonly write: (text: string) => void,
    /** Whether escape sequences for colours may be used. */
    private readonly colours: boolean,
  ) {}

  add(result: CheckResult): void {
    const group = groupOf(result.id);
    if (group !== this.#group) this.write(`${this.#group === '' ? '' : '\n'}${group}\n`);
    this.#group = group;
    const mark = this.#colour(COLOURS[result.status], MARKS[result.status]);
    const skipped = result.status === 'skipped' ? `  skipped: ${result.happened ?? ''}` : '';
    this.write(`  ${mark} ${result.id}${this.#colour('2', skipped)}\n`);
    if (result.status !== 'failed' && result.status !== 'warned') return;
    this.write(`      expected: ${result.expects} (docs/${result.rule})\n`);
    this.write(`      happened: ${result.happened ?? ''}\n`);
  }

  end(report: ConformanceReport): void {
    const { results, strict, protocol } = report;
    const counts = (['passed', 'failed', 'warned', 'skipped'] as const)
      .map((status) => [status, count(report, status)] as const)
      .filter(([status, number]) => number > 0 || status === 'passed' || status === 'failed')
      .map(([status, number]) => `${number} ${status}`);
    const spoken = protocol === null ? '' : `, protocol ${protocol}`;
    this.write(`\n${counts.join(', ')} of ${results.length}${spoken}, in ${(report.durationMs / 1000).toFixed(1)} s\n`);
    if (count(report, 'passed') === 0) this.write('Nothing passed, so the plugin does not conform.\n');
    else if (strict && !hasPassed(report)) this.write('With --strict, whatever did not pass counts as failed.\n');
  }

  #colour(code: string, text: string): string {
    return this.colours && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
