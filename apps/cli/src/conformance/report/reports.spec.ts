import type { CheckResult, ConformanceReport } from '../result';
import { hasPassed } from '../result';
import { HumanReport } from './human-report';
import { jsonReport } from './json-report';
import { junitReport } from './junit-report';

const check = (id: string, status: CheckResult['status'], happened?: string): CheckResult => ({
  ...{ id, status, expects: 'all is well', rule: 'protocol.md#frames', durationMs: 12 },
  level: status === 'warned' ? 'should' : 'must',
  ...(happened !== undefined && { happened }),
});

const PASSED = check('v2/ping', 'passed');
const FAILED = check('v2/http', 'failed', 'it said <"&\x1b\ud800">');
const WARNED = check('v2/parallel', 'warned', 'one by one');
const SKIPPED = check('stop/in-flight', 'skipped', 'no route');

const report = (results: readonly CheckResult[], strict = false): ConformanceReport => ({
  ...{ executable: '/tmp/acme.binary', plugin: 'acme', protocol: 2, durationMs: 1234 },
  strict,
  results,
});

function human(of: ConformanceReport, colours: boolean): string {
  let text = '';
  const writer = new HumanReport((piece) => (text += piece), colours);
  for (const result of of.results) writer.add(result);
  writer.end(of);
  return text;
}

describe('the verdict', () => {
  it.each([
    ['a check that passed', [PASSED], false, true],
    ['a failure', [PASSED, FAILED], false, false],
    ['a warning and a skipped check', [PASSED, WARNED, SKIPPED], false, true],
    ['a warning, strict', [PASSED, WARNED], true, false],
    ['a skipped check, strict', [PASSED, SKIPPED], true, false],
    ['nothing that passed', [SKIPPED], false, false],
    ['nothing at all', [], false, false],
  ])('[LANG-4] of %s', (_, results, strict, expected) => {
    expect(hasPassed(report(results, strict))).toBe(expected);
  });
});

describe('HumanReport', () => {
  it('[LANG-4] groups, explains what did not pass in one line each, and counts', () => {
    expect(human(report([PASSED, WARNED, SKIPPED]), false)).toBe(
      [
        'v2',
        '  ✓ v2/ping',
        '  ! v2/parallel',
        '      expected: all is well (docs/protocol.md#frames)',
        '      happened: one by one',
        '',
        'stop',
        '  – stop/in-flight  skipped: no route',
        '',
        '1 passed, 0 failed, 1 warned, 1 skipped of 3, protocol 2, in 1.2 s',
        '',
      ].join('\n'),
    );
  });

  it('[LANG-4] has colours only where they are wanted', () => {
    expect(human(report([PASSED]), true)).toContain('\x1b[32m✓\x1b[0m v2/ping');
    expect(human(report([PASSED]), false)).not.toContain('\x1b');
  });
});

describe('jsonReport', () => {
  it('[LANG-4] has the verdict, the counts and every check', () => {
    expect(JSON.parse(jsonReport(report([PASSED, SKIPPED], true)))).toEqual({
      ...{ schema_version: 1, executable: '/tmp/acme.binary', plugin: 'acme', protocol: 2, strict: true, ok: false },
      duration_ms: 1234,
      summary: { passed: 1, failed: 0, warned: 0, skipped: 1 },
      checks: [PASSED, SKIPPED].map(({ id, status, happened }) => ({
        ...{ id, status, level: 'must', expected: 'all is well', rule: 'docs/protocol.md#frames', duration_ms: 12 },
        happened: happened ?? null,
      })),
    });
  });
});

describe('junitReport', () => {
  it('[LANG-4] is XML whatever the plugin said', () => {
    const xml = junitReport(report([PASSED, FAILED, WARNED, SKIPPED]));

    expect(xml).toContain('<testsuites name="toru conformance acme" tests="4" failures="1" errors="0" skipped="1"');
    expect(xml).toContain('<failure message="it said &lt;&quot;&amp;\uFFFD\uFFFD&quot;&gt;">');
    expect(xml).toContain('<skipped message="no route"/>');
    expect(xml).toContain('<system-out>expected: all is well (docs/protocol.md#frames)&#10;happened: one by one');
  });

  it('[LANG-4] counts what did not pass as failed where it is strict', () => {
    expect(junitReport(report([PASSED, WARNED, SKIPPED], true))).toContain(
      'tests="3" failures="2" errors="0" skipped="0"',
    );
  });
});
