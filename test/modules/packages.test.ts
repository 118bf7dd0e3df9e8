import { apt } from '../../modules/packages/apt.ts';
import { package_ } from '../../modules/packages/package.ts';
import { runCases } from '../cases/driver.ts';

runCases(apt);
runCases(package_);
