import type { Language } from '../language';
import { python } from './python';
import { rust } from './rust';
import { typescript } from './typescript';

/** A language plugs in with one line here. */
export const languages: readonly Language[] = [typescript, python, rust];
