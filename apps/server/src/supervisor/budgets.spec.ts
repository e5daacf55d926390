import { budgetsOf, BudgetWatch, endedByKernel, limitsOf, measuredLimits, OVER_BUDGET } from './budgets';

const NO_BOUNDS = { pluginMemoryBytes: 0, pluginCpuPercent: 0, pluginOpenFiles: 0, pluginProcesses: 0 };
const idle = { memoryBytes: 0, cpuPercent: 0, processes: 1 };

describe('limitsOf', () => {
  it.each([
    [undefined, 0, undefined],
    [undefined, 5, 5],
    [7, 0, 7],
    [7, 5, 5],
    [3, 5, 3],
  ])('a plugin that says %s below a bound of %s has %s', (declared, bound, limit) => {
    const limits = limitsOf(declared === undefined ? undefined : { memory_bytes: declared }, {
      ...NO_BOUNDS,
      pluginMemoryBytes: bound,
    });
    expect(limits).toEqual(limit === undefined ? {} : { memory_bytes: limit });
  });
});

describe('BudgetWatch', () => {
  it.each([
    ['memory_bytes', 2, { ...idle, memoryBytes: 11 * 1024 ** 2 }, '11.0 MiB of memory, of at most 10.0 MiB'],
    ['processes', 2, { ...idle, processes: 1024 ** 3 }, '1073741824 processes, of at most 10485760'],
  ] as const)('%s: %i samples in a row above it end the plugin, a pause forgives', (name, patience, over, reason) => {
    const watch = new BudgetWatch({ [name]: 10 * 1024 ** 2 });
    for (let n = 1; n < patience; n++) expect(watch.judge(over)).toBeUndefined();
    expect(watch.judge(idle)).toBeUndefined();
    for (let n = 1; n < patience; n++) expect(watch.judge(over)).toBeUndefined();
    expect(watch.judge(over)).toEqual({ kind: 'end', why: OVER_BUDGET + reason });
  });

  it('processor time above its bound is told of once in a minute of it, a pause begins anew, and nothing is ended', () => {
    const watch = new BudgetWatch({ cpu_percent: 50 });
    const busy = { ...idle, cpuPercent: 99.6 };
    const verdicts = (samples: number): unknown[] =>
      Array.from({ length: samples }, () => watch.judge(busy)).filter((verdict) => verdict !== undefined);
    expect([verdicts(11), watch.isOverCpu]).toEqual([[], false]);
    expect(verdicts(100)).toEqual([
      { kind: 'warn', message: expect.stringContaining('100 % of a core for 12 samples, of at most 50 %') as string },
    ]);
    expect(watch.isOverCpu).toBe(true);
    expect([watch.judge(idle), watch.isOverCpu]).toEqual([undefined, false]);
    expect(verdicts(12)).toHaveLength(1);
    expect(new BudgetWatch({ processes: 1 }).isOverCpu).toBeUndefined();
  });

  it('what is exactly at its bound, and what has none, goes on', () => {
    const bound = new BudgetWatch({ memory_bytes: 5, cpu_percent: 5, processes: 5 });
    const free = new BudgetWatch({});
    for (let n = 0; n < 20; n++) {
      expect(bound.judge({ memoryBytes: 5, cpuPercent: 5, processes: 5 })).toBeUndefined();
      expect(free.judge({ memoryBytes: 1e15, cpuPercent: 1e9, processes: 1e6 })).toBeUndefined();
    }
  });
});

describe('[MGR-4] budgetsOf', () => {
  const declared = { memory_bytes: 10, cpu_percent: 50, open_files: 4 };
  const host = { ...NO_BOUNDS, pluginMemoryBytes: 7, pluginProcesses: 3 };

  it('tells the bound of each resource that has one, where it comes from, and who holds it', () => {
    const running = { limits: limitsOf(declared, host), held: new Set(['cpu', 'pids'] as const) };
    expect(budgetsOf(declared, host, running)).toEqual([
      { resource: 'memory_bytes', limit: 7, declared: 10, host: 7, enforced_by: 'sampling' },
      { resource: 'cpu_percent', limit: 50, declared: 50, host: null, enforced_by: 'cgroup' },
      { resource: 'processes', limit: 3, declared: null, host: 3, enforced_by: 'sampling' },
      { resource: 'open_files', limit: 4, declared: 4, host: null, enforced_by: 'rlimit' },
    ]);
  });

  it('nobody holds them while none runs, and a process keeps those that it was started with', () => {
    expect(budgetsOf({ memory_bytes: 10 }, NO_BOUNDS, undefined)).toMatchObject([{ limit: 10, enforced_by: null }]);
    expect(
      budgetsOf({ memory_bytes: 10 }, NO_BOUNDS, { limits: { memory_bytes: 8 }, held: new Set(['memory']) }),
    ).toEqual([{ resource: 'memory_bytes', limit: 8, declared: 10, host: null, enforced_by: 'cgroup' }]);
    expect(budgetsOf(undefined, NO_BOUNDS, undefined)).toEqual([]);
  });
});

describe('measuredLimits', () => {
  const limits = { memory_bytes: 1, cpu_percent: 2, processes: 3, open_files: 4 };

  it('leaves out what the kernel holds; processes are counted all the same, since it counts threads', () => {
    expect(measuredLimits(limits, new Set())).toEqual(limits);
    expect(measuredLimits(limits, new Set(['memory', 'cpu', 'pids']))).toEqual({ processes: 3, open_files: 4 });
  });
});

describe('endedByKernel', () => {
  it.each([
    ['its own bound', { overBound: 1, killed: 2, boundBytes: 64 * 1024 ** 2 }, true],
    ['a machine or a service without memory', { overBound: 0, killed: 2, boundBytes: 64 * 1024 ** 2 }, false],
    ['what it lived through', { overBound: 3, killed: 0, boundBytes: 64 * 1024 ** 2 }, false],
    ['a bound that nobody set', { overBound: 1, killed: 1, boundBytes: undefined }, false],
    ['a plugin without a cgroup', undefined, false],
  ])('%s', (_, events, isForItsBudget) => {
    const why = `${OVER_BUDGET}it wanted more than 64.0 MiB of memory`;
    expect(endedByKernel(events)).toBe(isForItsBudget ? why : undefined);
  });
});
