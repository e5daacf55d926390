import { Option } from 'commander';

/**
 * An option that may come again and again: a list, empty unless given.
 *
 * @param unlessGiven how the help names the empty list
 * @param valuesOf what one occurrence adds; its value unless said
 */
export function repeated(
  flags: string,
  description: string,
  unlessGiven = 'none',
  valuesOf: (value: string) => readonly string[] = (value) => [value],
): Option {
  return new Option(flags, description)
    .argParser((value: string, before: readonly string[]) => [...before, ...valuesOf(value)])
    .default([], unlessGiven);
}
