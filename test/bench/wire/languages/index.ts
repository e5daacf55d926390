import type { Language } from '../language';
import { typescript } from './typescript';

/** A language plugs in with one line here. */
export const languages: readonly Language[] = [typescript];
