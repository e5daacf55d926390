import { runVersion1 } from './version-1';

runVersion1('hang-1', false);
