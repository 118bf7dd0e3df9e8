import { apt } from '../../modules/packages/apt.ts';
import { deb822_repository } from '../../modules/packages/deb822_repository.ts';
import { debconf } from '../../modules/packages/debconf.ts';
import { package_ } from '../../modules/packages/package.ts';
import { package_facts } from '../../modules/packages/package_facts.ts';
import { runCases } from '../cases/driver.ts';

runCases(apt);
runCases(deb822_repository);
runCases(debconf);
runCases(package_);
runCases(package_facts);
