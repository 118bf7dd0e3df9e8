import { cron } from '../../modules/system/cron.ts';
import { sysctl } from '../../modules/system/sysctl.ts';
import { runCases } from '../cases/driver.ts';

runCases(cron);
runCases(sysctl);
