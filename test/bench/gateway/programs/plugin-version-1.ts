import { runVersion1 } from './version-1';

runVersion1('bench-1', true);
