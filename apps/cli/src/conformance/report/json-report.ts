import { count, hasPassed, type ConformanceReport } from '../result';

/** Raised when a field is removed or changes its meaning. */
const SCHEMA_VERSION = 1;

/** The report for programs, as docs/conformance.md describes it. */
export function jsonReport(report: ConformanceReport): string {
  const { executable, plugin, protocol, strict, durationMs, results } = report;
  const document = {
    schema_version: SCHEMA_VERSION,
    executable,
    plugin,
    protocol,
    strict,
    ok: hasPassed(report),
    duration_ms: durationMs,
    summary: {
      passed: count(report, 'passed'),
      failed: count(report, 'failed'),
      warned: count(report, 'warned'),
      skipped: count(report, 'skipped'),
    },
    checks: results.map(({ id, level, status, expects, rule, happened, durationMs: took }) => ({
      id,
      level,
      status,
      expected: expects,
      happened: happened ?? null,
      rule: `docs/${rule}`,
      duration_ms: took,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
