import type { Refusal } from '@toru/contracts';
import type { Exit } from '../common';
import { EXIT_CONFIG } from './exit-reason';

export type { Refusal };

/**
 * What a process refused to run for that has ended with the status for it (SUP-10), without a word by the protocol: version 1
 * has none for it. Its last words tell: whoever refuses for a licence says so.
 * @param why how it ended, with its last words
 */
export function refusalOf({ code }: Exit, why: string): Refusal | undefined {
  if (code !== EXIT_CONFIG) return undefined;
  return /licen[cs]/i.test(why) ? 'license' : 'config';
}
