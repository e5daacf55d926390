const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
export const DAY_MS = 86_400_000;

/** A date that exists, `YYYY-MM-DD`, from 0001-01-01 to 9999-12-31. */
export function isCalendarDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined || year === '0000') return false;
  const start = startOfDay(text);
  // a day that no month has becomes one of the next month
  return Number.isFinite(start) && new Date(start).toISOString().startsWith(`${year}-${month}-${day}T`);
}

/** The first millisecond after a date, in UTC: what expires on that date is valid before it and not at it. */
export function endOfDay(date: string): number {
  return startOfDay(date) + DAY_MS;
}

/** The date in UTC. */
export function dateOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}

/** `Date.UTC` would take the year 99 for 1999. */
function startOfDay(date: string): number {
  return Date.parse(`${date}T00:00:00.000Z`);
}
