import { ufw } from '../../modules/network/ufw.ts';
import { runCases } from '../cases/driver.ts';

runCases(ufw);
