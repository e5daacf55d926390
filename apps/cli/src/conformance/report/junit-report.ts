import { groupOf } from '../check';
import { isFailing, type CheckResult, type ConformanceReport } from '../result';

/** The report as JUnit XML: a suite for each group, a case for each check. Warnings are output of cases that passed. */
export function junitReport({ results, plugin, executable, strict, durationMs }: ConformanceReport): string {
  const groups = [...new Set(results.map(({ id }) => groupOf(id)))];
  const name = `toru conformance ${plugin ?? executable}`;
  const suites = groups.map((group) => suite(group, results, strict));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escape(name)}" ${counts(results, strict)} time="${seconds(durationMs)}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(group: string, all: readonly CheckResult[], strict: boolean): string {
  const results = all.filter(({ id }) => groupOf(id) === group);
  const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const cases = results.map((result) => testCase(result, strict));
  return [`  <testsuite name="${group}" ${counts(results, strict)} time="${time}">`, ...cases, '  </testsuite>'].join(
    '\n',
  );
}

function testCase(result: CheckResult, strict: boolean): string {
  const { id, status, expects, rule, happened = '', durationMs } = result;
  const open = `    <testcase classname="${groupOf(id)}" name="${escape(id)}" time="${seconds(durationMs)}"`;
  if (status === 'passed') return `${open}/>`;
  const text = `expected: ${expects} (docs/${rule})\nhappened: ${happened}`;
  if (isFailing(result, strict)) {
    return `${open}>\n      <failure message="${escape(happened)}">${escape(text)}</failure>\n    </testcase>`;
  }
  if (status === 'skipped') return `${open}>\n      <skipped message="${escape(happened)}"/>\n    </testcase>`;
  return `${open}>\n      <system-out>${escape(text)}</system-out>\n    </testcase>`;
}

function counts(results: readonly CheckResult[], strict: boolean): string {
  const failures = results.filter((result) => isFailing(result, strict)).length;
  const skipped = results.filter((result) => result.status === 'skipped' && !isFailing(result, strict)).length;
  return `tests="${results.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** XML has no place for most control characters, nor for surrogates that stand alone: they become U+FFFD. */
function escape(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]|\p{Surrogate}/gu, '\uFFFD')
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character);
}
